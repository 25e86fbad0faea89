-- One row per selected field that is there, each with the record; one row without a field where none is. ?4 has the names of the
-- selected fields, ?3 those whose values are wanted, with a character 0 around each: a session has few fields, which are next to
-- each other, so that looking at all of them costs less than taking a list apart.
SELECT r.*, f.key AS key, CASE WHEN instr(?3, char(0) || f.key || char(0)) THEN f.value END AS value, f.revision, f.expires
  FROM {session_records} r
  LEFT JOIN {session_fields} f
    ON f.session_id = r.id AND instr(?4, char(0) || f.key || char(0))
   AND f.value IS NOT NULL AND (f.expires IS NULL OR ?2 < f.expires)
 WHERE r.id = ?1 AND ?2 < min(r.idle_deadline, r.absolute_deadline)
