-- Writes one field of a session that may be written to and needs nothing else, see one_field.rs; gives the record, or no row.
INSERT INTO {session_fields} (session_id, key, value, revision, expires)
SELECT r.id, ?7, ?8, ?9, ?10 FROM {session_records} r
 WHERE r.id = ?1 AND ?2 < min(r.idle_deadline, r.absolute_deadline)
   AND (r.secret_hash = ?3 OR r.epoch = ?4)
   AND coalesce(?5 <= r.idle_deadline, true)
   AND NOT (?6 AND coalesce(r.previous_renewed AND r.previous_until IS NULL, false))
    ON CONFLICT (session_id, key) DO UPDATE
   SET value = excluded.value, revision = excluded.revision, expires = excluded.expires,
       overwritten = substr(',' || revision || coalesce(overwritten, ','), 1, 337)
 WHERE revision <> excluded.revision AND coalesce(instr(overwritten, ',' || excluded.revision || ',') = 0, true)
