-- Calls the procedure in schema.sql; no row comes back where it found that it was asked again.
INSERT INTO {session_commit} (
    id, now,
    create_hash, create_epoch, create_idle, create_absolute,
    guard_secret, guard_epoch, destroy,
    expect, key, value, revision, expires, sets, payload, removes, entry, found_by, entries,
    rotate_from, rotate_to, rotate_epoch, rotate_until, rotate_seen,
    touch_before, touch_until, absolute_until, remember_until, authenticated, retire_until
) VALUES (
    ?1, ?2,
    ?3, ?4, ?5, ?6,
    ?7, ?8, ?9,
    ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,
    ?21, ?22, ?23, ?24, ?25,
    ?26, ?27, ?28, ?29, ?30, ?31
)
