-- A session's beginning, see `new_secret.rs`.
WITH r AS (
    INSERT INTO {session_records}
    SELECT $1, $3, t.now, NULL, NULL, NULL, $4, t.now, t.now + $5, t.now + $6, CASE WHEN $7 THEN t.now END, $8, false
      FROM (SELECT coalesce($2, {session_clock}()) AS now) t
        ON CONFLICT (id) DO NOTHING
    RETURNING *
), written AS (
    INSERT INTO {session_fields} (session_id, key, value, revision, expires)
    SELECT r.id, s.key, s.value, s.revision, coalesce(r.created + s.ttl, s.ends)
      FROM r, unnest($9::text[], $10::bytea[], $11::bigint[], $12::bigint[], $13::bigint[]) s (key, value, revision, ttl, ends)
)
SELECT created AS now, secret_hash, secret_since, previous_hash, previous_renewed, previous_until, epoch, created,
       idle_deadline, absolute_deadline, authenticated, persistent
  FROM r
