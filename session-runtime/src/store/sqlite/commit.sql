-- Calls the procedure in schema.sql and gives back the record as the same statement left it; no row where the procedure found
-- that it was asked again.
INSERT INTO {session_commit} (
    id, now,
    create_hash, create_epoch, create_idle, create_absolute,
    guard_secret, guard_epoch, destroy,
    expect, sets, payload, removes, indexes,
    rotate_from, rotate_to, rotate_epoch, rotate_until, rotate_seen,
    touch_before, touch_until, absolute_until, remember_until, authenticated, retire_until
) VALUES (
    ?1, ?2,
    ?3, ?4, ?5, ?6,
    ?7, ?8, ?9,
    ?10, ?11, ?12, ?13, ?14,
    ?15, ?16, ?17, ?18, ?19,
    ?20, ?21, ?22, ?23, ?24, ?25
) RETURNING
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
