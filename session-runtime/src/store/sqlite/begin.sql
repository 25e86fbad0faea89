-- A session's beginning, see new_secret.rs; no row comes back where the ID is taken.
INSERT INTO {session_begin} (
    id, now, secret_hash, epoch, idle_deadline, absolute_deadline, authenticated, persistent,
    key, value, revision, expires, sets, payload
) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
