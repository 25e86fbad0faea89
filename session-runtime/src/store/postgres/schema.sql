-- Version 1. Times are microseconds since 1970, durations microseconds.

DO $$ BEGIN
    -- Looked for first: whoever may use a schema need not be allowed to make one.
    IF NOT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = '{schema}') THEN
        CREATE SCHEMA "{schema}";
    END IF;
END $$;

CREATE TABLE {session_records} (
    id                bytea PRIMARY KEY,
    secret_hash       bytea NOT NULL,
    secret_since      bigint NOT NULL,
    previous_hash     bytea,
    previous_renewed  boolean,          -- false: superseded
    previous_until    bigint,
    epoch             bytea NOT NULL,
    created           bigint NOT NULL,
    idle_deadline     bigint NOT NULL,
    absolute_deadline bigint NOT NULL,
    authenticated     bigint,
    persistent        boolean NOT NULL,
    ended             boolean NOT NULL  -- destroyed; stays for a while, see session_destroy
);

CREATE INDEX "{prefix}session_records_deadline" ON {session_records} (least(idle_deadline, absolute_deadline));

CREATE TABLE {session_fields} (
    session_id bytea NOT NULL REFERENCES {session_records} ON DELETE CASCADE,
    key        text COLLATE "C" NOT NULL,
    value      bytea,                   -- NULL: a tombstone, absent to readers
    revision   bigint NOT NULL,
    expires    bigint,
    overwritten bytea NOT NULL DEFAULT '',  -- the revisions before, the last first
    PRIMARY KEY (session_id, key)
);

CREATE TABLE {session_index} (
    session_id bytea NOT NULL REFERENCES {session_records} ON DELETE CASCADE,
    name       text COLLATE "C" NOT NULL,
    value      bytea NOT NULL,          -- UTF-8; text could not hold every character
    PRIMARY KEY (session_id, name)
);

-- By a hash: an entry in a B-tree has a limit.
CREATE INDEX "{prefix}session_index_value" ON {session_index} (name, sha256(value));

-- What a change set says.
CREATE TYPE {session_change} AS (
    id bytea,
    now bigint,                         -- NULL: the server's clock decides
    create_hash bytea, create_epoch bytea, create_idle bigint, create_absolute bigint,
    guard_secret bytea, guard_epoch bytea,
    expect_keys text[], expect_revisions bigint[],
    set_keys text[], set_values bytea[], set_revisions bigint[],
    set_ttls bigint[], set_ends bigint[],
    removes text[],
    index_names text[], index_values bytea[],
    rotate_from bytea, rotate_to bytea, rotate_seen bytea, rotate_epoch bytea, rotate_recognised bigint,
    touch bigint, absolute bigint, remember bigint, authenticated boolean, retire bigint
);

-- One row per field that is told, each with the record; one without a field where none is.
CREATE TYPE {session_answer} AS (
    outcome text, now bigint, held {session_records},
    position bigint, value bytea, revision bigint, expires bigint
);

CREATE FUNCTION {session_clock}() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
$$;

-- Whether the session lives; NULL where there is none.
CREATE FUNCTION {session_lives}(held {session_records}, t bigint)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT NOT held.ended AND t < least(held.idle_deadline, held.absolute_deadline)
$$;

-- `Meta::admits`, for a session that may not live.
CREATE FUNCTION {session_access}(held {session_records}, secret bytea, of_epoch bytea, t bigint)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN {session_lives}(held, t) IS NOT TRUE THEN 'gone'
        WHEN of_epoch IS NOT NULL THEN CASE WHEN held.epoch = of_epoch THEN 'open' ELSE 'superseded' END
        WHEN secret IS NULL OR held.secret_hash = secret THEN 'open'
        WHEN held.previous_hash IS DISTINCT FROM secret THEN 'gone'
        WHEN held.previous_until IS NULL OR t < held.previous_until THEN
            CASE WHEN held.previous_renewed THEN 'open' ELSE 'superseded' END
        WHEN held.previous_renewed THEN 'reused'
        ELSE 'gone'
    END
$$;

-- The live session and those of its fields that are selected, the values only where they are wanted.
CREATE FUNCTION {session_load}(of_id bytea, t bigint, keys text[], wants boolean[])
RETURNS SETOF {session_answer} LANGUAGE sql STABLE AS $$
    SELECT 'found', t, r, field.position, field.value, field.revision, field.expires
      FROM {session_records} r
      LEFT JOIN (
            SELECT s.position - 1 AS position, CASE WHEN s.wants THEN f.value END AS value, f.revision, f.expires
              FROM unnest(keys, wants) WITH ORDINALITY AS s (key, wants, position)
              JOIN {session_fields} f ON f.session_id = of_id AND f.key = s.key COLLATE "C"
             WHERE f.value IS NOT NULL AND (f.expires IS NULL OR t < f.expires)
           ) field ON true
     WHERE r.id = of_id AND {session_lives}(r, t)
$$;

-- The record after the change.
CREATE FUNCTION {session_changed}(
    held {session_records}, change {session_change}, t bigint
) RETURNS {session_records} LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    -- A predecessor that is presented itself does not end itself.
    IF change.retire IS NOT NULL AND held.previous_renewed AND held.previous_until IS NULL
       AND coalesce(change.guard_secret = held.secret_hash, true) THEN
        held.previous_until := t + change.retire;
    END IF;
    -- A renewal that came second is none.
    IF change.rotate_to IS NOT NULL AND coalesce(change.rotate_seen = held.secret_hash, true) THEN
        held.previous_hash := change.rotate_from;
        held.previous_renewed := change.rotate_seen IS NOT NULL;
        held.previous_until := t + change.rotate_recognised;
        held.secret_hash := change.rotate_to;
        held.secret_since := t;
        held.epoch := coalesce(change.rotate_epoch, held.epoch);
    END IF;
    -- As in `touch_is_due`: the move must be more than a tenth.
    IF held.idle_deadline + change.touch / 10 < t + change.touch THEN
        held.idle_deadline := t + change.touch;
    END IF;
    held.idle_deadline := coalesce(t + change.remember, held.idle_deadline);
    held.absolute_deadline := coalesce(t + change.remember, t + change.absolute, held.absolute_deadline);
    held.persistent := held.persistent OR change.remember IS NOT NULL;
    held.authenticated := CASE WHEN change.authenticated THEN t ELSE held.authenticated END;
    RETURN held;
END $$;

-- Writes the change's fields and index entries. The caller has the record locked, or has just made it.
CREATE FUNCTION {session_write}(change {session_change}, t bigint)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM {session_fields} f
     WHERE f.session_id = change.id AND (f.expires <= t OR f.key = ANY (change.removes COLLATE "C"));

    INSERT INTO {session_fields} AS f (session_id, key, value, revision, expires)
    SELECT change.id, s.key, s.value, s.revision, coalesce(t + s.ttl, s.ends)
      FROM unnest(change.set_keys, change.set_values, change.set_revisions, change.set_ttls, change.set_ends)
           AS s (key, value, revision, ttl, ends)
        ON CONFLICT (session_id, key) DO UPDATE
       SET value = excluded.value, revision = excluded.revision, expires = excluded.expires,
           -- 16 of 8 bytes.
           overwritten = substring(int8send(f.revision) || f.overwritten FOR 128);

    IF cardinality(change.index_names) > 0 THEN
        DELETE FROM {session_index} i
         WHERE i.session_id = change.id AND i.name = ANY (change.index_names COLLATE "C");
        INSERT INTO {session_index} (session_id, name, value)
        SELECT change.id, i.name, i.value FROM unnest(change.index_names, change.index_values) AS i (name, value)
         WHERE i.value IS NOT NULL;
    END IF;
END $$;

-- Creates a session. Its own record, there already, is this change asked again.
CREATE FUNCTION {session_create}(change {session_change})
RETURNS SETOF {session_answer} LANGUAGE plpgsql AS $$
DECLARE
    t    bigint := coalesce(change.now, {session_clock}());
    held {session_records} := (
        change.id, change.create_hash, t, NULL, NULL, NULL, change.create_epoch,
        t, t + change.create_idle, t + change.create_absolute, NULL, false, false);
BEGIN
    held := {session_changed}(held, change, t);
    INSERT INTO {session_records} VALUES (held.*) ON CONFLICT (id) DO NOTHING;
    IF FOUND THEN
        PERFORM {session_write}(change, t);
        RETURN NEXT ('applied', t, held, NULL, NULL, NULL, NULL)::{session_answer};
        RETURN;
    END IF;
    SELECT r.* INTO held FROM {session_records} r WHERE r.id = change.id;
    t := coalesce(change.now, {session_clock}());
    RETURN NEXT (
        CASE WHEN held.secret_hash = change.create_hash AND {session_lives}(held, t)
             THEN 'applied' ELSE 'gone' END,
        t, held, NULL, NULL, NULL, NULL)::{session_answer};
END $$;

-- Whether this change was applied when it was asked before: its new secret opens the session, or its guard still does and a
-- field has its revision, or had it before it was overwritten.
CREATE FUNCTION {session_is_applied}(
    held {session_records}, change {session_change}, access text, t bigint
) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT {session_lives}(held, t) AND (
        coalesce(held.secret_hash = change.rotate_to, false)
        OR access = 'open' AND EXISTS (
            SELECT 1 FROM unnest(change.set_keys, change.set_revisions) AS s (key, revision)
              JOIN {session_fields} f
                ON f.session_id = change.id AND f.key = s.key COLLATE "C"
               AND (f.revision = s.revision OR position(int8send(s.revision) IN f.overwritten) > 0)))
$$;

-- Whether a field is not as the change expects it.
CREATE FUNCTION {session_is_conflict}(change {session_change}, t bigint)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM unnest(change.expect_keys, change.expect_revisions) AS e (key, revision)
          LEFT JOIN {session_fields} f
            ON f.session_id = change.id AND f.key = e.key COLLATE "C"
           AND f.value IS NOT NULL AND (f.expires IS NULL OR t < f.expires)
         WHERE f.revision IS DISTINCT FROM e.revision)
$$;

-- Applies a change set, whole or not at all.
CREATE FUNCTION {session_commit}(change {session_change})
RETURNS SETOF {session_answer} LANGUAGE plpgsql AS $$
DECLARE
    before {session_records};
    held   {session_records};
    t      bigint;
    access text;
BEGIN
    -- In any other, what follows the lock would read fields as they were before it.
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'session_commit needs the isolation level READ COMMITTED'
            USING HINT = 'Set default_transaction_isolation for the connections of the session store.';
    END IF;
    IF change.create_hash IS NOT NULL THEN
        RETURN QUERY SELECT * FROM {session_create}(change);
        RETURN;
    END IF;

    SELECT r.* INTO before FROM {session_records} r WHERE r.id = change.id FOR UPDATE;
    -- Not sooner: the lock may have been waited for.
    t := coalesce(change.now, {session_clock}());
    access := {session_access}(before, change.guard_secret, change.guard_epoch, t);
    held := before;

    IF {session_is_applied}(before, change, access, t) THEN
        access := 'applied';
    ELSIF access = 'open' AND {session_is_conflict}(change, t) THEN
        -- With a row even where none of the expected fields is there.
        RETURN QUERY SELECT 'conflict', l.now, l.held, l.position, l.value, l.revision, l.expires
            FROM {session_load}(change.id, t, change.expect_keys,
                array_fill(true, ARRAY[cardinality(change.expect_keys)])) l;
        RETURN;
    ELSIF access = 'open' THEN
        access := 'applied';
        PERFORM {session_write}(change, t);
        held := {session_changed}(before, change, t);
        IF held IS DISTINCT FROM before THEN
            UPDATE {session_records} r SET (
                secret_hash, secret_since, previous_hash, previous_renewed, previous_until, epoch,
                idle_deadline, absolute_deadline, authenticated, persistent
            ) = (
                held.secret_hash, held.secret_since, held.previous_hash, held.previous_renewed, held.previous_until,
                held.epoch, held.idle_deadline, held.absolute_deadline, held.authenticated, held.persistent
            ) WHERE r.id = change.id;
        END IF;
    END IF;
    RETURN NEXT (access, t, held, NULL, NULL, NULL, NULL)::{session_answer};
END $$;

-- Ends a session. Its ID stays taken for a minute: a creation that was given up, asked again and undone by this may be on its
-- way still, over another connection. Then it is swept.
CREATE FUNCTION {session_destroy}(of_id bytea, at bigint, secret bytea, of_epoch bytea)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    held   {session_records};
    t      bigint;
    access text;
BEGIN
    SELECT r.* INTO held FROM {session_records} r WHERE r.id = of_id FOR UPDATE;
    t := coalesce(at, {session_clock}());
    access := {session_access}(held, secret, of_epoch, t);
    IF access = 'open' THEN
        DELETE FROM {session_fields} WHERE session_id = of_id;
        DELETE FROM {session_index} WHERE session_id = of_id;
        UPDATE {session_records} r SET ended = true, idle_deadline = t + 60000000 WHERE r.id = of_id;
    END IF;
    RETURN access;
END $$;

CREATE FUNCTION {session_find}(of_name text, of_value bytea)
RETURNS SETOF bytea LANGUAGE sql STABLE AS $$
    SELECT session_id FROM {session_index}
     WHERE name = of_name COLLATE "C" AND sha256(value) = sha256(of_value) AND value = of_value
$$;

-- Deletes some that have expired; those that another node deletes, or a commit holds, are left to it.
CREATE FUNCTION {session_sweep}(t bigint, most bigint)
RETURNS TABLE (session_id bytea, idle_deadline bigint, absolute_deadline bigint) LANGUAGE sql AS $$
    -- Those that were destroyed are not reported again.
    DELETE FROM {session_records} WHERE id = ANY (ARRAY(
        SELECT r.id FROM {session_records} r
         WHERE r.ended AND least(r.idle_deadline, r.absolute_deadline) <= t LIMIT most FOR UPDATE SKIP LOCKED));
    DELETE FROM {session_records} r WHERE r.id = ANY (ARRAY(
        SELECT r.id FROM {session_records} r
         WHERE NOT r.ended AND least(r.idle_deadline, r.absolute_deadline) <= t LIMIT most FOR UPDATE SKIP LOCKED))
    RETURNING r.id, r.idle_deadline, r.absolute_deadline
$$;

CREATE TABLE {session_schema} (version bigint NOT NULL);
INSERT INTO {session_schema} (version) VALUES (1);
