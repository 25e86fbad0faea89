-- A sign-in, see `new_secret.rs`: the secret before is recognised as superseded for a while.
WITH r AS (
    UPDATE {session_records} r
       SET previous_hash = $6, previous_renewed = false, previous_until = t.now + $9,
           secret_hash = $7, secret_since = t.now, epoch = $8,
           -- As in `touch_is_due`: the move must be more than a tenth.
           idle_deadline = coalesce(
               t.now + $11, CASE WHEN r.idle_deadline + $5 / 10 < t.now + $5 THEN t.now + $5 END, r.idle_deadline),
           absolute_deadline = coalesce(t.now + $11, t.now + $10, r.absolute_deadline),
           authenticated = CASE WHEN $12 THEN t.now ELSE r.authenticated END,
           persistent = r.persistent OR $11 IS NOT NULL
      FROM (SELECT coalesce($2, {session_clock}()) AS now) t
     -- By the clock itself: after a wait for the row's lock it is asked again, and `t.now` is not.
     WHERE r.id = $1 AND NOT r.ended AND coalesce($2, {session_clock}()) < r.deadline
       AND (r.secret_hash = $3 OR r.epoch = $4)
    RETURNING r.*, t.now
), written AS (
    INSERT INTO {session_fields} AS f (session_id, key, value, revision, expires)
    SELECT r.id, s.key, s.value, s.revision, coalesce(r.now + s.ttl, s.ends)
      FROM r, unnest($13::text[], $14::bytea[], $15::bigint[], $16::bigint[], $17::bigint[]) s (key, value, revision, ttl, ends)
        ON CONFLICT (session_id, key) DO UPDATE
       SET value = excluded.value, revision = excluded.revision, expires = excluded.expires,
           -- 16 of 8 bytes.
           overwritten = substring(int8send(f.revision) || f.overwritten FOR 128)
), entered AS (
    INSERT INTO {session_index} (session_id, name, value)
    SELECT r.id, i.name, i.value FROM r, unnest($18::text[], $19::bytea[]) i (name, value)
        ON CONFLICT (session_id, name) DO UPDATE SET value = excluded.value
)
SELECT now, secret_hash, secret_since, previous_hash, previous_renewed, previous_until, epoch, created,
       idle_deadline, absolute_deadline, authenticated, persistent
  FROM r
