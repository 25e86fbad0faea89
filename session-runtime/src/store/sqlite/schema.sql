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

-- A record as one text, as record.rs reads it: that costs less than its columns do.
CREATE VIEW {session_texts} AS SELECT
    id, idle_deadline, absolute_deadline,
    CAST(secret_since || ',' || created || ',' || idle_deadline || ',' || absolute_deadline || ','
         || coalesce(authenticated, '') || ',' || persistent || ','
         || coalesce(previous_renewed, '') || ',' || coalesce(previous_until, '') || ','
         || epoch || secret_hash || coalesce(previous_hash, '') AS BLOB) AS record
  FROM {session_records};

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
--
-- What a commit has one of comes as it is, and only more than that as JSON: to take that apart costs more than to write a field.
-- What does not concern a commit is passed over by what its condition says first, before a table is looked at.
CREATE VIEW {session_commit} AS SELECT
    NULL AS id, NULL AS now,
    NULL AS create_hash, NULL AS create_epoch, NULL AS create_idle, NULL AS create_absolute,
    NULL AS guard_secret, NULL AS guard_epoch, NULL AS destroy,
    NULL AS expect,                     -- JSON: [[key, revision or null], …]
    NULL AS key, NULL AS value, NULL AS revision, NULL AS expires,  -- a field that is set
    NULL AS sets, NULL AS payload,      -- JSON: [[key, offset and length of its value in the payload, revision, expires], …]
    NULL AS removes,                    -- JSON: [key, …]
    NULL AS entry, NULL AS found_by,    -- an entry in an index, and by what it is found, or NULL
    NULL AS entries,                    -- JSON: [[name, value or null], …]
    NULL AS rotate_from, NULL AS rotate_to, NULL AS rotate_epoch, NULL AS rotate_until, NULL AS rotate_seen,
    NULL AS touch_before, NULL AS touch_until,
    NULL AS absolute_until, NULL AS remember_until, NULL AS authenticated, NULL AS retire_until;

CREATE TRIGGER {session_commit_procedure} INSTEAD OF INSERT ON {session_commit}
BEGIN
    -- A new session needs a free ID. Its own record, there already, is this commit asked again.
    SELECT CASE WHEN secret_hash = NEW.create_hash AND NEW.now < min(idle_deadline, absolute_deadline)
                THEN RAISE(IGNORE) ELSE RAISE(ABORT, 'session:gone') END
      FROM {session_records} WHERE NEW.create_hash IS NOT NULL AND id = NEW.id;
    SELECT RAISE(ABORT, 'session:gone')
      FROM {session_ended} WHERE NEW.create_hash IS NOT NULL AND id = NEW.id AND NEW.now < until;

    INSERT INTO {session_records} (id, secret_hash, secret_since, epoch, created, idle_deadline, absolute_deadline, persistent)
    SELECT NEW.id, NEW.create_hash, NEW.now, NEW.create_epoch, NEW.now, NEW.create_idle, NEW.create_absolute, 0
     WHERE NEW.create_hash IS NOT NULL;

    -- Now the session must live, and the guard hold, as in `Meta::admits`.
    SELECT CASE
        WHEN (NEW.now < min(r.idle_deadline, r.absolute_deadline)) IS NOT TRUE THEN RAISE(ABORT, 'session:gone')
        -- Its new secret is what opens the session now: this commit asked again, though its guard does not hold.
        WHEN r.secret_hash = NEW.rotate_to THEN RAISE(IGNORE)
        WHEN NEW.create_hash IS NOT NULL THEN 0
        WHEN NEW.guard_epoch IS NOT NULL THEN
            CASE WHEN r.epoch = NEW.guard_epoch THEN 0 ELSE RAISE(ABORT, 'session:superseded') END
        WHEN NEW.guard_secret IS NULL OR r.secret_hash = NEW.guard_secret THEN 0
        WHEN r.previous_hash = NEW.guard_secret AND (r.previous_until IS NULL OR NEW.now < r.previous_until) THEN
            CASE WHEN r.previous_renewed THEN 0 ELSE RAISE(ABORT, 'session:superseded') END
        WHEN r.previous_hash = NEW.guard_secret AND r.previous_renewed THEN RAISE(ABORT, 'session:reused')
        ELSE RAISE(ABORT, 'session:gone')
        END
      FROM (SELECT 1) LEFT JOIN {session_records} r ON r.id = NEW.id;

    -- A revision of this commit, there already or overwritten since, is this commit asked again.
    SELECT RAISE(IGNORE) FROM {session_fields}
     WHERE NEW.key IS NOT NULL AND session_id = NEW.id AND key = NEW.key
       AND (revision = NEW.revision OR instr(overwritten, ',' || NEW.revision || ','));
    SELECT RAISE(IGNORE)
      FROM json_each(NEW.sets) s
      JOIN {session_fields} f ON f.session_id = NEW.id AND f.key = s.value ->> 0
       AND (f.revision = s.value ->> 3 OR instr(f.overwritten, ',' || (s.value ->> 3) || ','))
     WHERE NEW.sets IS NOT NULL;

    -- The fields of a compare-and-swap.
    SELECT RAISE(ABORT, 'session:conflict')
      FROM json_each(NEW.expect) e
      LEFT JOIN {session_fields} f ON f.session_id = NEW.id AND f.key = e.value ->> 0
       AND f.value IS NOT NULL AND (f.expires IS NULL OR NEW.now < f.expires)
     WHERE NEW.expect IS NOT NULL AND f.revision IS NOT e.value ->> 1;

    DELETE FROM {session_records} WHERE NEW.destroy AND id = NEW.id;
    DELETE FROM {session_ended} WHERE NEW.destroy AND until <= NEW.now;
    INSERT INTO {session_ended} (id, until) SELECT NEW.id, NEW.now + 60000000000 WHERE NEW.destroy;

    DELETE FROM {session_fields} WHERE NEW.create_hash IS NULL AND session_id = NEW.id AND expires <= NEW.now;
    DELETE FROM {session_fields}
     WHERE NEW.removes IS NOT NULL AND session_id = NEW.id AND key IN (SELECT value FROM json_each(NEW.removes));

    INSERT INTO {session_fields} (session_id, key, value, revision, expires)
    SELECT NEW.id, NEW.key, NEW.value, NEW.revision, NEW.expires WHERE NEW.key IS NOT NULL
        ON CONFLICT (session_id, key) DO UPDATE
       SET value = excluded.value, revision = excluded.revision, expires = excluded.expires,
           -- 16 of up to 21 characters.
           overwritten = substr(',' || revision || coalesce(overwritten, ','), 1, 337);
    INSERT INTO {session_fields} (session_id, key, value, revision, expires)
    SELECT NEW.id, s.value ->> 0,
           CASE WHEN s.value ->> 2 IS NOT NULL THEN coalesce(substr(NEW.payload, s.value ->> 1, s.value ->> 2), x'') END,
           s.value ->> 3, s.value ->> 4
      FROM json_each(NEW.sets) s WHERE NEW.sets IS NOT NULL
        ON CONFLICT (session_id, key) DO UPDATE
       SET value = excluded.value, revision = excluded.revision, expires = excluded.expires,
           overwritten = substr(',' || revision || coalesce(overwritten, ','), 1, 337);

    DELETE FROM {session_index} WHERE NEW.entry IS NOT NULL AND session_id = NEW.id AND name = NEW.entry;
    INSERT INTO {session_index} (session_id, name, value)
    SELECT NEW.id, NEW.entry, NEW.found_by WHERE NEW.found_by IS NOT NULL;
    DELETE FROM {session_index}
     WHERE NEW.entries IS NOT NULL AND session_id = NEW.id AND name IN (SELECT value ->> 0 FROM json_each(NEW.entries));
    INSERT INTO {session_index} (session_id, name, value)
    SELECT NEW.id, i.value ->> 0, i.value ->> 1 FROM json_each(NEW.entries) i
     WHERE NEW.entries IS NOT NULL AND i.value ->> 1 IS NOT NULL;

    -- A predecessor that is presented itself does not end itself.
    UPDATE {session_records} SET previous_until = NEW.retire_until
     WHERE NEW.retire_until IS NOT NULL AND id = NEW.id
       AND previous_renewed AND previous_until IS NULL AND coalesce(NEW.guard_secret = secret_hash, 1);

    -- A renewal that came second is none.
    UPDATE {session_records} SET
        previous_hash = NEW.rotate_from,
        previous_renewed = NEW.rotate_seen IS NOT NULL,
        previous_until = NEW.rotate_until,
        secret_hash = NEW.rotate_to,
        secret_since = NEW.now,
        epoch = coalesce(NEW.rotate_epoch, epoch)
     WHERE NEW.rotate_to IS NOT NULL AND id = NEW.id AND (NEW.rotate_seen IS NULL OR NEW.rotate_seen = secret_hash);

    UPDATE {session_records} SET
        idle_deadline = CASE
            WHEN NEW.remember_until IS NOT NULL THEN NEW.remember_until
            WHEN idle_deadline < NEW.touch_before THEN NEW.touch_until
            ELSE idle_deadline END,
        absolute_deadline = coalesce(NEW.remember_until, NEW.absolute_until, absolute_deadline),
        persistent = persistent OR NEW.remember_until IS NOT NULL,
        authenticated = CASE WHEN NEW.authenticated THEN NEW.now ELSE authenticated END
     WHERE (NEW.authenticated OR coalesce(NEW.touch_before, NEW.absolute_until, NEW.remember_until) IS NOT NULL)
       AND id = NEW.id
       AND (idle_deadline < NEW.touch_before OR NEW.authenticated
            OR coalesce(NEW.absolute_until, NEW.remember_until) IS NOT NULL);
END;

-- A session's beginning, see new_secret.rs: where its ID is taken, nothing is done.
CREATE VIEW {session_begin} AS SELECT
    NULL AS id, NULL AS now, NULL AS secret_hash, NULL AS epoch, NULL AS idle_deadline, NULL AS absolute_deadline,
    NULL AS authenticated, NULL AS persistent,
    NULL AS key, NULL AS value, NULL AS revision, NULL AS expires, NULL AS sets, NULL AS payload;

CREATE TRIGGER {session_begin_procedure} INSTEAD OF INSERT ON {session_begin}
BEGIN
    SELECT RAISE(IGNORE) FROM {session_records} WHERE id = NEW.id;
    SELECT RAISE(IGNORE) FROM {session_ended} WHERE id = NEW.id AND NEW.now < until;
    INSERT INTO {session_records}
    VALUES (NEW.id, NEW.secret_hash, NEW.now, NULL, NULL, NULL, NEW.epoch, NEW.now, NEW.idle_deadline, NEW.absolute_deadline,
            CASE WHEN NEW.authenticated THEN NEW.now END, NEW.persistent);
    INSERT INTO {session_fields} (session_id, key, value, revision, expires)
    SELECT NEW.id, NEW.key, NEW.value, NEW.revision, NEW.expires WHERE NEW.key IS NOT NULL;
    INSERT INTO {session_fields} (session_id, key, value, revision, expires)
    SELECT NEW.id, s.value ->> 0,
           CASE WHEN s.value ->> 2 IS NOT NULL THEN coalesce(substr(NEW.payload, s.value ->> 1, s.value ->> 2), x'') END,
           s.value ->> 3, s.value ->> 4
      FROM json_each(NEW.sets) s WHERE NEW.sets IS NOT NULL;
END;

CREATE TABLE {session_schema} (version INTEGER NOT NULL) STRICT;
INSERT INTO {session_schema} (version) VALUES (1);
