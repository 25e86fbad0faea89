-- One row, for each row costs a change of threads: the record, and the fields that are there of those selected, one after the
-- other, as fields.rs reads them. ?4 has the names of the selected fields with a character 0 around each, ?3 of those whose values
-- are wanted, or NULL where all are: a session has few fields, which are next to each other, so that looking at all of them
-- costs less than taking a list apart. Where there is no session, all columns are NULL.
SELECT r.*, CAST(group_concat(
         f.key || char(0) || f.revision || ',' || coalesce(f.expires, '') || ','
         || CASE WHEN ?3 IS NULL OR instr(?3, char(0) || f.key || char(0)) THEN length(f.value) || ',' || f.value ELSE ',' END,
       '') AS BLOB) AS fields
  FROM {session_records} r
  LEFT JOIN {session_fields} f
    ON f.session_id = r.id AND instr(?4, char(0) || f.key || char(0))
   AND f.value IS NOT NULL AND (f.expires IS NULL OR ?2 < f.expires)
 WHERE r.id = ?1 AND ?2 < min(r.idle_deadline, r.absolute_deadline)
