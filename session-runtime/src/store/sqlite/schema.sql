-- Version 1. Times are nanoseconds since 1970, durations nanoseconds.

CREATE TABLE {session_records} (
    id                BLOB PRIMARY KEY NOT NULL,
    secret_hash       BLOB NOT NULL,
    secret_since      INTEGER NOT NULL,
    previous_hash     BLOB,
    previous_renewed  INTEGER,          -- 1: renewed, 0: superseded
    previous_until    INTEGER,
    epoch             BLOB NOT NULL,
    created           INTEGER NOT NULL,
    idle_deadline     INTEGER NOT NULL,
    absolute_deadline INTEGER NOT NULL,
    authenticated     INTEGER,
    persistent        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX {session_records_deadline} ON {session_records} (min(idle_deadline, absolute_deadline));

CREATE TABLE {session_fields} (
    session_id BLOB NOT NULL,
    key        TEXT NOT NULL,
    revision   INTEGER NOT NULL,
    expires    INTEGER,
    overwritten TEXT,                   -- the revisions before, the last first: ',3,2,1,'
    value      BLOB,                    -- NULL: a tombstone, absent to readers; last, so that the rest is read without it
    PRIMARY KEY (session_id, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE {session_index} (
    session_id BLOB NOT NULL,
    name       TEXT NOT NULL,
    value      TEXT NOT NULL,
    PRIMARY KEY (session_id, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX {session_index_value} ON {session_index} (name, value);

-- Those that were destroyed a moment ago: a creation that was given up may arrive after that.
CREATE TABLE {session_ended} (
    id    BLOB PRIMARY KEY NOT NULL,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX {session_ended_until} ON {session_ended} (until);

CREATE TRIGGER {session_records_deleted} AFTER DELETE ON {session_records}
BEGIN
    DELETE FROM {session_fields} WHERE session_id = OLD.id;
    DELETE FROM {session_index} WHERE session_id = OLD.id;
END;

-- A commit is one INSERT into this view: the trigger below is its procedure. One statement is one transaction, so that it is
-- applied whole or not at all, whatever becomes of the connection, and costs one trip.
CREATE VIEW {session_commit} AS SELECT
    NULL AS id, NULL AS now,
    NULL AS create_hash, NULL AS create_epoch, NULL AS create_idle, NULL AS create_absolute,
    NULL AS guard_secret, NULL AS guard_epoch, NULL AS destroy,
    NULL AS expect,                     -- JSON: [[key, revision or null], …]
    NULL AS sets, NULL AS payload,      -- JSON: [[key, offset and length of its value in the payload, revision, expires], …]
    NULL AS removes,                    -- JSON: [key, …]
    NULL AS indexes,                    -- JSON: [[name, value or null], …]
    NULL AS rotate_from, NULL AS rotate_to, NULL AS rotate_epoch, NULL AS rotate_until, NULL AS rotate_seen,
    NULL AS touch_before, NULL AS touch_until,
    NULL AS absolute_until, NULL AS remember_until, NULL AS authenticated, NULL AS retire_until;

CREATE TRIGGER {session_commit_procedure} INSTEAD OF INSERT ON {session_commit}
BEGIN
    -- A new session needs a free ID. Its own record, there already, is this commit asked again.
    SELECT CASE WHEN secret_hash = NEW.create_hash AND NEW.now < min(idle_deadline, absolute_deadline)
                THEN RAISE(IGNORE) ELSE RAISE(ABORT, 'session:gone') END
      FROM {session_records} WHERE id = NEW.id AND NEW.create_hash IS NOT NULL;
    SELECT RAISE(ABORT, 'session:gone')
      FROM {session_ended} WHERE id = NEW.id AND NEW.create_hash IS NOT NULL AND NEW.now < until;

    INSERT INTO {session_records} (id, secret_hash, secret_since, epoch, created, idle_deadline, absolute_deadline, persistent)
    SELECT NEW.id, NEW.create_hash, NEW.now, NEW.create_epoch, NEW.now, NEW.create_idle, NEW.create_absolute, 0
     WHERE NEW.create_hash IS NOT NULL;

    -- Else the session must live.
    SELECT RAISE(ABORT, 'session:gone')
     WHERE NOT EXISTS (SELECT 1 FROM {session_records}
                        WHERE id = NEW.id AND NEW.now < min(idle_deadline, absolute_deadline));

    -- Its new secret is what opens the session now: this commit asked again, though its guard does not hold.
    SELECT RAISE(IGNORE) FROM {session_records} WHERE id = NEW.id AND secret_hash = NEW.rotate_to;

    -- The guard, as in `Meta::admits`.
    SELECT CASE
        WHEN NEW.create_hash IS NOT NULL THEN 0
        WHEN NEW.guard_epoch IS NOT NULL THEN
            CASE WHEN epoch = NEW.guard_epoch THEN 0 ELSE RAISE(ABORT, 'session:superseded') END
        WHEN NEW.guard_secret IS NULL OR secret_hash = NEW.guard_secret THEN 0
        WHEN previous_hash = NEW.guard_secret AND (previous_until IS NULL OR NEW.now < previous_until) THEN
            CASE WHEN previous_renewed THEN 0 ELSE RAISE(ABORT, 'session:superseded') END
        WHEN previous_hash = NEW.guard_secret AND previous_renewed THEN RAISE(ABORT, 'session:reused')
        ELSE RAISE(ABORT, 'session:gone')
        END
      FROM {session_records} WHERE id = NEW.id;

    -- A revision of this commit, there already or overwritten since, is this commit asked again.
    SELECT RAISE(IGNORE)
      FROM json_each(NEW.sets) s
      JOIN {session_fields} f ON f.session_id = NEW.id AND f.key = s.value ->> 0
       AND (f.revision = s.value ->> 3 OR instr(f.overwritten, ',' || (s.value ->> 3) || ','));

    -- The fields of a compare-and-swap.
    SELECT RAISE(ABORT, 'session:conflict')
      FROM json_each(NEW.expect) e
      LEFT JOIN {session_fields} f ON f.session_id = NEW.id AND f.key = e.value ->> 0
       AND f.value IS NOT NULL AND (f.expires IS NULL OR NEW.now < f.expires)
     WHERE f.revision IS NOT e.value ->> 1;

    DELETE FROM {session_records} WHERE id = NEW.id AND NEW.destroy;
    DELETE FROM {session_ended} WHERE NEW.destroy AND until <= NEW.now;
    INSERT INTO {session_ended} (id, until) SELECT NEW.id, NEW.now + 60000000000 WHERE NEW.destroy;

    DELETE FROM {session_fields}
     WHERE session_id = NEW.id AND (expires <= NEW.now OR key IN (SELECT value FROM json_each(NEW.removes)));

    INSERT INTO {session_fields} (session_id, key, value, revision, expires)
    SELECT NEW.id, s.value ->> 0,
           CASE WHEN s.value ->> 2 IS NOT NULL THEN coalesce(substr(NEW.payload, s.value ->> 1, s.value ->> 2), x'') END,
           s.value ->> 3, s.value ->> 4
      FROM json_each(NEW.sets) s WHERE true
        ON CONFLICT (session_id, key) DO UPDATE
       SET value = excluded.value, revision = excluded.revision, expires = excluded.expires,
           -- 16 of up to 21 characters.
           overwritten = substr(',' || revision || coalesce(overwritten, ','), 1, 337);

    DELETE FROM {session_index}
     WHERE session_id = NEW.id AND name IN (SELECT value ->> 0 FROM json_each(NEW.indexes));
    INSERT INTO {session_index} (session_id, name, value)
    SELECT NEW.id, i.value ->> 0, i.value ->> 1 FROM json_each(NEW.indexes) i WHERE i.value ->> 1 IS NOT NULL;

    -- A predecessor that is presented itself does not end itself.
    UPDATE {session_records} SET previous_until = NEW.retire_until
     WHERE id = NEW.id AND NEW.retire_until IS NOT NULL
       AND previous_renewed AND previous_until IS NULL AND coalesce(NEW.guard_secret = secret_hash, 1);

    -- A renewal that came second is none.
    UPDATE {session_records} SET
        previous_hash = NEW.rotate_from,
        previous_renewed = NEW.rotate_seen IS NOT NULL,
        previous_until = NEW.rotate_until,
        secret_hash = NEW.rotate_to,
        secret_since = NEW.now,
        epoch = coalesce(NEW.rotate_epoch, epoch)
     WHERE id = NEW.id AND NEW.rotate_to IS NOT NULL AND (NEW.rotate_seen IS NULL OR NEW.rotate_seen = secret_hash);

    UPDATE {session_records} SET
        idle_deadline = CASE
            WHEN NEW.remember_until IS NOT NULL THEN NEW.remember_until
            WHEN idle_deadline < NEW.touch_before THEN NEW.touch_until
            ELSE idle_deadline END,
        absolute_deadline = coalesce(NEW.remember_until, NEW.absolute_until, absolute_deadline),
        persistent = persistent OR NEW.remember_until IS NOT NULL,
        authenticated = CASE WHEN NEW.authenticated THEN NEW.now ELSE authenticated END
     WHERE id = NEW.id
       AND (idle_deadline < NEW.touch_before OR NEW.authenticated
            OR coalesce(NEW.absolute_until, NEW.remember_until) IS NOT NULL);
END;

CREATE TABLE {session_schema} (version INTEGER NOT NULL) STRICT;
INSERT INTO {session_schema} (version) VALUES (1);
