-- One row, for each row costs a change of threads: the record, and the fields that are there, one after the other, as fields.rs
-- reads them; those of which nobody asks too, but without their values. ?3 has the names of those whose values are wanted, with a
-- character 0 around each: a session has few fields, which are next to each other, so that looking at all of them costs less
-- than taking a list apart.
SELECT r.record, CAST((
    SELECT group_concat(
        f.key || char(0) || f.revision || ',' || coalesce(f.expires, '') || ','
        || CASE WHEN instr(?3, char(0) || f.key || char(0)) THEN length(f.value) || ',' || f.value ELSE ',' END, '')
      FROM {session_fields} f
     WHERE f.session_id = r.id AND f.value IS NOT NULL AND (f.expires IS NULL OR ?2 < f.expires)
    ) AS BLOB) AS fields
  FROM {session_texts} r
 WHERE r.id = ?1 AND ?2 < min(r.idle_deadline, r.absolute_deadline)
