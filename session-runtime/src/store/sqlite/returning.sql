-- The record as the same statement left it.
RETURNING
    (SELECT secret_hash FROM {session_records} WHERE id = ?1) AS secret_hash,
    (SELECT secret_since FROM {session_records} WHERE id = ?1) AS secret_since,
    (SELECT previous_hash FROM {session_records} WHERE id = ?1) AS previous_hash,
    (SELECT previous_renewed FROM {session_records} WHERE id = ?1) AS previous_renewed,
    (SELECT previous_until FROM {session_records} WHERE id = ?1) AS previous_until,
    (SELECT epoch FROM {session_records} WHERE id = ?1) AS epoch,
    (SELECT created FROM {session_records} WHERE id = ?1) AS created,
    (SELECT idle_deadline FROM {session_records} WHERE id = ?1) AS idle_deadline,
    (SELECT absolute_deadline FROM {session_records} WHERE id = ?1) AS absolute_deadline,
    (SELECT authenticated FROM {session_records} WHERE id = ?1) AS authenticated,
    (SELECT persistent FROM {session_records} WHERE id = ?1) AS persistent
