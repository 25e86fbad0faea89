-- One row per selected field that is there, each with the record; one row without a field where none is.
SELECT r.*, field.position, field.value, field.revision, field.expires
  FROM {session_records} r
  LEFT JOIN (
        SELECT s.key AS position, CASE WHEN s.value ->> 1 THEN f.value END AS value, f.revision, f.expires
          FROM json_each(?3) s
          JOIN {session_fields} f ON f.session_id = ?1 AND f.key = s.value ->> 0
         WHERE f.value IS NOT NULL AND (f.expires IS NULL OR ?2 < f.expires)
       ) field
 WHERE r.id = ?1 AND ?2 < min(r.idle_deadline, r.absolute_deadline)
