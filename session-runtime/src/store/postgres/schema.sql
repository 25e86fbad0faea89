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
    ended             boolean NOT NULL, -- destroyed; stays for a while, see session_destroy
    -- A column, not an expression in the index: who moves only the later of the two has no new index entries to make.
    deadline          bigint GENERATED ALWAYS AS (least(idle_deadline, absolute_deadline)) STORED
);

CREATE INDEX "{prefix}session_records_deadline" ON {session_records} (deadline);

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

CREATE FUNCTION {session_clock}() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
$$;

-- `Meta::admits`, for a session that may not be there, or not live. Inlined where it is called: it must stay one expression.
CREATE FUNCTION {session_access}(
    ended boolean, deadline bigint, secret_hash bytea, epoch bytea,
    previous_hash bytea, previous_renewed boolean, previous_until bigint,
    secret bytea, of_epoch bytea, t bigint
) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN (NOT ended AND t < deadline) IS NOT TRUE THEN 'gone'
        WHEN of_epoch IS NOT NULL THEN CASE WHEN epoch = of_epoch THEN 'open' ELSE 'superseded' END
        WHEN secret IS NULL OR secret_hash = secret THEN 'open'
        WHEN previous_hash IS DISTINCT FROM secret THEN 'gone'
        WHEN previous_until IS NULL OR t < previous_until THEN
            CASE WHEN previous_renewed THEN 'open' ELSE 'superseded' END
        WHEN previous_renewed THEN 'reused'
        ELSE 'gone'
    END
$$;

-- Applies a change set, whole or not at all. Of each key, and of each name of an index, a list has but one.
--
-- One function, with variables that are no records and few statements, each planned once for a connection: what is called or
-- planned anew costs more than the tables do. A statement that joins a list would be planned for each list, so what looks for
-- several keys reads all fields of the session.
CREATE FUNCTION {session_commit}(
    of_id bytea,
    at bigint,                          -- NULL: the server's clock decides
    create_hash bytea, create_epoch bytea, create_idle bigint, create_absolute bigint,
    guard_secret bytea, guard_epoch bytea,
    expect_keys text[], expect_revisions bigint[],
    set_keys text[], set_values bytea[], set_revisions bigint[],
    set_ttls bigint[], set_ends bigint[],
    removes text[],
    index_names text[], index_values bytea[],
    rotate_from bytea, rotate_to bytea, rotate_seen bytea, rotate_epoch bytea, rotate_recognised bigint,
    touch bigint, absolute bigint, remember bigint, authenticates boolean, retire bigint
)
-- The record after it; after a conflict a row for each field that is there of those that were expected, one without where none is.
RETURNS TABLE (
    outcome text, now bigint,
    secret_hash bytea, secret_since bigint, previous_hash bytea, previous_renewed boolean, previous_until bigint,
    epoch bytea, created bigint, idle_deadline bigint, absolute_deadline bigint, authenticated bigint, persistent boolean,
    "position" bigint, value bytea, revision bigint, expires bigint
) LANGUAGE plpgsql AS $$
#variable_conflict use_variable
DECLARE
    ended       boolean;
    changed     boolean := false;       -- the record
    is_new      boolean := true;        -- the change: not what was applied before
    is_swapped  boolean := false;
    is_sweep    boolean := false;       -- of the fields that have expired
    is_applied  boolean;
    is_conflict boolean;
BEGIN
    -- In any other, what follows the lock would read fields as they were before it.
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'session_commit needs the isolation level READ COMMITTED'
            USING HINT = 'Set default_transaction_isolation for the connections of the session store.';
    END IF;

    IF create_hash IS NOT NULL THEN
        now := coalesce(at, {session_clock}());
        secret_hash := create_hash;
        secret_since := now;
        epoch := create_epoch;
        created := now;
        idle_deadline := now + create_idle;
        absolute_deadline := now + create_absolute;
        persistent := false;
    ELSE
        SELECT r.secret_hash, r.secret_since, r.previous_hash, r.previous_renewed, r.previous_until, r.epoch,
               r.created, r.idle_deadline, r.absolute_deadline, r.authenticated, r.persistent, r.ended
          INTO secret_hash, secret_since, previous_hash, previous_renewed, previous_until, epoch,
               created, idle_deadline, absolute_deadline, authenticated, persistent, ended
          FROM {session_records} r WHERE r.id = of_id FOR UPDATE;
        -- Not sooner: the lock may have been waited for.
        now := coalesce(at, {session_clock}());
        outcome := {session_access}(
            ended, least(idle_deadline, absolute_deadline), secret_hash, epoch,
            previous_hash, previous_renewed, previous_until, guard_secret, guard_epoch, now);

        -- Whether this change was applied when it was asked before: its new secret opens the session, or its guard still does
        -- and a field has its revision, or had it before it was overwritten.
        IF secret_hash = rotate_to AND NOT ended AND now < least(idle_deadline, absolute_deadline) THEN
            outcome := 'applied';
            RETURN NEXT;
            RETURN;
        ELSIF outcome <> 'open' THEN
            RETURN NEXT;
            RETURN;
        END IF;

        -- Each statement from here on begins after the lock: it sees what those before us have written.
        -- The most frequent change that depends on what was seen, tried without a look at what is there.
        IF cardinality(set_keys) = 1 AND set_keys = expect_keys AND cardinality(removes) = 0 THEN
            UPDATE {session_fields} f
               SET value = set_values[1], revision = set_revisions[1], expires = coalesce(now + set_ttls[1], set_ends[1]),
                   overwritten = substring(int8send(f.revision) || f.overwritten FOR 128)
             WHERE f.session_id = of_id AND f.key = set_keys[1] AND f.revision = expect_revisions[1]
               AND f.value IS NOT NULL AND (f.expires IS NULL OR now < f.expires)
               AND f.revision <> set_revisions[1] AND position(int8send(set_revisions[1]) IN f.overwritten) = 0;
            is_swapped := FOUND;
        END IF;
        -- One field that may be as it likes needs no look either: whether it has had this write shows when it is written.
        IF NOT is_swapped
           AND (cardinality(expect_keys) > 0 OR cardinality(set_keys) + cardinality(removes) > 1) THEN
            SELECT bool_or(f.revision = f.written OR position(int8send(f.written) IN f.overwritten) > 0),
                   bool_or(f.is_present AND f.is_expected AND f.seen IS NULL)
                       OR count(*) FILTER (WHERE f.is_present AND f.revision = f.seen)
                          <> cardinality(array_remove(expect_revisions, NULL))
              INTO is_applied, is_conflict
              FROM (SELECT f.revision, f.overwritten,
                           f.value IS NOT NULL AND (f.expires IS NULL OR now < f.expires) AS is_present,
                           set_revisions[array_position(set_keys, f.key)] AS written,
                           f.key = ANY (expect_keys) AS is_expected,
                           expect_revisions[array_position(expect_keys, f.key)] AS seen
                      FROM {session_fields} f WHERE f.session_id = of_id) f;
            IF is_applied THEN
                outcome := 'applied';
                RETURN NEXT;
                RETURN;
            ELSIF is_conflict THEN
                RETURN QUERY
                    SELECT 'conflict', now, secret_hash, secret_since, previous_hash, previous_renewed, previous_until,
                           epoch, created, idle_deadline, absolute_deadline, authenticated, persistent,
                           (array_position(expect_keys, f.key) - 1)::bigint, f.value, f.revision, f.expires
                      FROM (SELECT) one
                      LEFT JOIN {session_fields} f
                        ON f.session_id = of_id AND array_position(expect_keys, f.key) > 0
                       AND f.value IS NOT NULL AND (f.expires IS NULL OR now < f.expires);
                RETURN;
            END IF;
        END IF;
    END IF;

    -- A predecessor that is presented itself does not end itself.
    IF retire IS NOT NULL AND previous_renewed AND previous_until IS NULL
       AND coalesce(guard_secret = secret_hash, true) THEN
        previous_until := now + retire;
        changed := true;
    END IF;
    -- A renewal that came second is none.
    IF rotate_to IS NOT NULL AND coalesce(rotate_seen = secret_hash, true) THEN
        previous_hash := rotate_from;
        previous_renewed := rotate_seen IS NOT NULL;
        previous_until := now + rotate_recognised;
        secret_hash := rotate_to;
        secret_since := now;
        epoch := coalesce(rotate_epoch, epoch);
        changed := true;
    END IF;
    -- As in `touch_is_due`: the move must be more than a tenth.
    IF idle_deadline + touch / 10 < now + touch THEN
        idle_deadline := now + touch;
        changed := true;
        is_sweep := true;
    END IF;
    IF remember IS NOT NULL OR absolute IS NOT NULL OR authenticates THEN
        idle_deadline := coalesce(now + remember, idle_deadline);
        absolute_deadline := coalesce(now + remember, now + absolute, absolute_deadline);
        persistent := persistent OR remember IS NOT NULL;
        authenticated := CASE WHEN authenticates THEN now ELSE authenticated END;
        changed := true;
    END IF;

    IF create_hash IS NOT NULL THEN
        INSERT INTO {session_records} VALUES (
            of_id, secret_hash, secret_since, previous_hash, previous_renewed, previous_until, epoch,
            created, idle_deadline, absolute_deadline, authenticated, persistent, false
        ) ON CONFLICT (id) DO NOTHING;
        is_new := FOUND;
    ELSIF is_sweep OR cardinality(removes) > 0 THEN
        -- What has expired goes when the idle deadline moves: for a session in use that is often enough, and not with each write.
        DELETE FROM {session_fields} f
         WHERE f.session_id = of_id
           AND (f.key = ANY (removes COLLATE "C") OR f.expires <= now AND f.key <> ALL (set_keys COLLATE "C"));
    END IF;
    IF is_new AND NOT is_swapped AND cardinality(set_keys) > 0 THEN
        INSERT INTO {session_fields} AS f (session_id, key, value, revision, expires)
        SELECT of_id, set_keys[i], set_values[i], set_revisions[i], coalesce(now + set_ttls[i], set_ends[i])
          FROM generate_series(1, cardinality(set_keys)) i
            ON CONFLICT (session_id, key) DO UPDATE
           SET value = excluded.value, revision = excluded.revision, expires = excluded.expires,
               -- 16 of 8 bytes.
               overwritten = substring(int8send(f.revision) || f.overwritten FOR 128)
         WHERE f.revision <> excluded.revision AND position(int8send(excluded.revision) IN f.overwritten) = 0;
        is_new := FOUND;
    END IF;
    IF NOT is_new THEN
        -- It was applied when it was asked before; or somebody else has created a session with this ID.
        now := coalesce(at, {session_clock}());
        RETURN QUERY
            SELECT CASE WHEN r.secret_hash = coalesce(create_hash, r.secret_hash) AND NOT r.ended
                         AND now < r.deadline THEN 'applied' ELSE 'gone' END,
                   now, r.secret_hash, r.secret_since, r.previous_hash, r.previous_renewed, r.previous_until,
                   r.epoch, r.created, r.idle_deadline, r.absolute_deadline, r.authenticated, r.persistent,
                   NULL::bigint, NULL::bytea, NULL::bigint, NULL::bigint
              FROM {session_records} r WHERE r.id = of_id;
        RETURN;
    END IF;

    IF changed AND create_hash IS NULL THEN
        UPDATE {session_records} r
           SET secret_hash = secret_hash, secret_since = secret_since, previous_hash = previous_hash,
               previous_renewed = previous_renewed, previous_until = previous_until, epoch = epoch,
               idle_deadline = idle_deadline, absolute_deadline = absolute_deadline,
               authenticated = authenticated, persistent = persistent
         WHERE r.id = of_id;
    END IF;
    IF cardinality(index_names) > 0 THEN
        IF array_position(index_values, NULL) > 0 THEN
            DELETE FROM {session_index} i
             WHERE i.session_id = of_id AND array_position(index_names, i.name) > 0;
        END IF;
        INSERT INTO {session_index} (session_id, name, value)
        SELECT of_id, index_names[i], index_values[i] FROM generate_series(1, cardinality(index_names)) i
         WHERE index_values[i] IS NOT NULL
            ON CONFLICT (session_id, name) DO UPDATE SET value = excluded.value;
    END IF;
    outcome := 'applied';
    RETURN NEXT;
END $$;

-- Ends a session. Its ID stays taken for a minute: a creation that was given up, asked again and undone by this may be on its
-- way still, over another connection. Then it is swept.
CREATE FUNCTION {session_destroy}(of_id bytea, at bigint, secret bytea, of_epoch bytea)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    held   record;
    t      bigint;
    access text;
BEGIN
    SELECT r.ended, r.deadline, r.secret_hash, r.epoch,
           r.previous_hash, r.previous_renewed, r.previous_until
      INTO held FROM {session_records} r WHERE r.id = of_id FOR UPDATE;
    -- Not sooner: the lock may have been waited for.
    t := coalesce(at, {session_clock}());
    access := {session_access}(
        held.ended, held.deadline, held.secret_hash, held.epoch,
        held.previous_hash, held.previous_renewed, held.previous_until, secret, of_epoch, t);
    IF access = 'open' THEN
        DELETE FROM {session_fields} f WHERE f.session_id = of_id;
        DELETE FROM {session_index} i WHERE i.session_id = of_id;
        UPDATE {session_records} r SET ended = true, idle_deadline = t + 60000000 WHERE r.id = of_id;
    END IF;
    RETURN access;
END $$;

-- Deletes some that have expired; those that another node deletes, or a commit holds, are left to it.
-- Those that were destroyed are not named again: rows without an ID stand for them.
CREATE FUNCTION {session_sweep}(t bigint, most bigint, most_ended bigint)
RETURNS TABLE (session_id bytea, idle_deadline bigint, absolute_deadline bigint) LANGUAGE sql AS $$
    DELETE FROM {session_records} r WHERE r.id = ANY (ARRAY(
            SELECT r.id FROM {session_records} r
             WHERE NOT r.ended AND r.deadline <= t LIMIT most FOR UPDATE SKIP LOCKED)
        || ARRAY(
            SELECT r.id FROM {session_records} r
             WHERE r.ended AND r.deadline <= t LIMIT most_ended FOR UPDATE SKIP LOCKED))
    RETURNING CASE WHEN NOT r.ended THEN r.id END, r.idle_deadline, r.absolute_deadline
$$;

CREATE TABLE {session_schema} (version bigint NOT NULL);
INSERT INTO {session_schema} (version) VALUES (1);
