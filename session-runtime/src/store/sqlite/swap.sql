-- The same, if the field is there with the revision ?11: then it was not written before.
UPDATE {session_fields}
   SET value = ?8, revision = ?9, expires = ?10,
       overwritten = substr(',' || revision || coalesce(overwritten, ','), 1, 337)
 WHERE session_id = ?1 AND key = ?7 AND revision = ?11 AND value IS NOT NULL AND (expires IS NULL OR ?2 < expires)
   AND EXISTS (SELECT 1 FROM {session_records} r
                WHERE r.id = ?1 AND ?2 < min(r.idle_deadline, r.absolute_deadline)
                  AND (r.secret_hash = ?3 OR r.epoch = ?4)
                  AND coalesce(?5 <= r.idle_deadline, true)
                  AND NOT (?6 AND coalesce(r.previous_renewed AND r.previous_until IS NULL, false)))
