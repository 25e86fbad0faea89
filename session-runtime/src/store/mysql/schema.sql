-- Version 1. Times are microseconds since 1970, durations microseconds. To be run again where it was not run to the end: a
-- statement that makes something ends the transaction here.

-- The mode is that of the procedures for ever: what is too long is an error, and not cut.
SET @session_mode = @@sql_mode, sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION';

CREATE TABLE IF NOT EXISTS {session_schema} (version BIGINT NOT NULL) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS {session_records} (
    id                BINARY(16) NOT NULL PRIMARY KEY,
    secret_hash       BINARY(32) NOT NULL,
    secret_since      BIGINT NOT NULL,
    previous_hash     BINARY(32),
    previous_renewed  BOOLEAN,              -- false: superseded
    previous_until    BIGINT,
    epoch             BINARY(8) NOT NULL,
    created           BIGINT NOT NULL,
    idle_deadline     BIGINT NOT NULL,
    absolute_deadline BIGINT NOT NULL,
    authenticated     BIGINT,
    persistent        BOOLEAN NOT NULL,
    ended             BOOLEAN NOT NULL,     -- destroyed; stays for a while, see session_commit
    deadline          BIGINT AS (LEAST(idle_deadline, absolute_deadline)) STORED,
    INDEX session_records_deadline (deadline)
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS {session_fields} (
    session_id BINARY(16) NOT NULL,
    name       VARBINARY(512) NOT NULL,     -- UTF-8, compared byte by byte
    value      LONGBLOB,                    -- NULL: a tombstone, absent to readers
    revision   BIGINT NOT NULL,
    expires    BIGINT,
    overwritten VARBINARY(337),             -- the revisions before, the last first: ',3,2,1,'
    PRIMARY KEY (session_id, name),
    FOREIGN KEY (session_id) REFERENCES {session_records} (id) ON DELETE CASCADE
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS {session_index} (
    session_id BINARY(16) NOT NULL,
    name       VARBINARY(512) NOT NULL,
    value      LONGBLOB NOT NULL,
    digest     BINARY(32) NOT NULL,         -- SHA-256 of the value: a key has a limit
    PRIMARY KEY (session_id, name),
    INDEX session_index_digest (digest),
    FOREIGN KEY (session_id) REFERENCES {session_records} (id) ON DELETE CASCADE
) ENGINE = InnoDB;

DROP PROCEDURE IF EXISTS {session_now};
DROP PROCEDURE IF EXISTS {session_load};
DROP PROCEDURE IF EXISTS {session_write};
DROP PROCEDURE IF EXISTS {session_change};
DROP PROCEDURE IF EXISTS {session_commit};
DROP PROCEDURE IF EXISTS {session_sweep};

-- The server's clock, whatever its time zone.
CREATE PROCEDURE {session_now}(INOUT t BIGINT) NO SQL SQL SECURITY INVOKER
SET t = COALESCE(t, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)));

-- The live session and those of its fields that are selected: [[key, 1 where the value is wanted], …]. One row per field, each
-- with the record; one without a field where none is there.
CREATE PROCEDURE {session_load}(told VARCHAR(16), of_id BINARY(16), t BIGINT, wanted LONGTEXT CHARACTER SET utf8mb4)
READS SQL DATA SQL SECURITY INVOKER
BEGIN
    CALL {session_now}(t);
    SELECT told AS outcome, t AS now, r.*, field.position, field.value, field.revision, field.expires
      FROM {session_records} r
      LEFT JOIN (
            SELECT CAST(s.position - 1 AS SIGNED) AS position, IF(s.wanted, f.value, NULL) AS value, f.revision, f.expires
              FROM JSON_TABLE(wanted, '$[*]' COLUMNS (
                        position FOR ORDINALITY,
                        name LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]', wanted BIGINT PATH '$[1]')) s
              JOIN {session_fields} f ON f.session_id = of_id AND f.name = CAST(s.name AS BINARY)
             WHERE f.value IS NOT NULL AND (f.expires IS NULL OR t < f.expires)
           ) field ON TRUE
     WHERE r.id = of_id AND t < r.deadline AND NOT r.ended;
END;

-- Writes the fields and index entries of a change. The caller has the record locked, or has just made it.
CREATE PROCEDURE {session_write}(
    of_id BINARY(16), t BIGINT,
    sets LONGTEXT CHARACTER SET utf8mb4, payload LONGBLOB,
    removes LONGTEXT CHARACTER SET utf8mb4, indexes LONGTEXT CHARACTER SET utf8mb4
) MODIFIES SQL DATA SQL SECURITY INVOKER
BEGIN
    DELETE FROM {session_fields}
     WHERE session_id = of_id AND (expires <= t OR name IN (
            SELECT CAST(x.name AS BINARY)
              FROM JSON_TABLE(removes, '$[*]' COLUMNS (name LONGTEXT CHARACTER SET utf8mb4 PATH '$')) x));

    INSERT INTO {session_fields} (session_id, name, value, revision, expires)
    SELECT of_id, CAST(s.name AS BINARY), IF(s.length IS NULL, NULL, SUBSTRING(payload, s.start, s.length)),
           s.revision, COALESCE(t + s.ttl, s.ends)
      FROM JSON_TABLE(sets, '$[*]' COLUMNS (
                name LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]', start BIGINT PATH '$[1]', length BIGINT PATH '$[2]',
                revision BIGINT PATH '$[3]', ttl BIGINT PATH '$[4][0]', ends BIGINT PATH '$[4][1]')) s
        ON DUPLICATE KEY UPDATE
           -- First, for it is about what there is. 16 of up to 21 characters.
           overwritten = LEFT(CONCAT(',', {session_fields}.revision, COALESCE({session_fields}.overwritten, ',')), 337),
           value = VALUES(value), revision = VALUES(revision), expires = VALUES(expires);

    DELETE FROM {session_index}
     WHERE session_id = of_id AND name IN (
            SELECT CAST(i.name AS BINARY)
              FROM JSON_TABLE(indexes, '$[*]' COLUMNS (name LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]')) i);
    INSERT INTO {session_index} (session_id, name, value, digest)
    SELECT of_id, CAST(i.name AS BINARY), CAST(i.value AS BINARY), UNHEX(SHA2(CAST(i.value AS BINARY), 256))
      FROM JSON_TABLE(indexes, '$[*]' COLUMNS (
                name LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]',
                value LONGTEXT CHARACTER SET utf8mb4 PATH '$[1]')) i
     WHERE i.value IS NOT NULL;
END;

-- Writes what a change does to the record itself.
CREATE PROCEDURE {session_change}(
    of_id BINARY(16), t BIGINT, guard_secret BINARY(32),
    rotate_from BINARY(32), rotate_to BINARY(32), rotate_seen BINARY(32), rotate_epoch BINARY(8), rotate_recognised BIGINT,
    touch BIGINT, absolute BIGINT, remember BIGINT, authenticates BOOLEAN, retire BIGINT
) MODIFIES SQL DATA SQL SECURITY INVOKER
BEGIN
    -- A predecessor that is presented itself does not end itself.
    UPDATE {session_records} SET previous_until = t + retire
     WHERE id = of_id AND retire IS NOT NULL
       AND previous_renewed AND previous_until IS NULL AND COALESCE(guard_secret = secret_hash, TRUE);

    -- A renewal that came second is none.
    UPDATE {session_records} SET
        previous_hash = rotate_from,
        previous_renewed = rotate_seen IS NOT NULL,
        previous_until = t + rotate_recognised,
        secret_hash = rotate_to,
        secret_since = t,
        epoch = COALESCE(rotate_epoch, epoch)
     WHERE id = of_id AND rotate_to IS NOT NULL AND (rotate_seen IS NULL OR rotate_seen = secret_hash);

    UPDATE {session_records} SET
        idle_deadline = CASE
            WHEN remember IS NOT NULL THEN t + remember
            -- As in `touch_is_due`: the move must be more than a tenth.
            WHEN idle_deadline + touch DIV 10 < t + touch THEN t + touch
            ELSE idle_deadline END,
        absolute_deadline = COALESCE(t + remember, t + absolute, absolute_deadline),
        persistent = persistent OR remember IS NOT NULL,
        authenticated = IF(authenticates, t, authenticated)
     WHERE id = of_id;
END;

-- Applies a change set, whole or not at all; or ends a session.
CREATE PROCEDURE {session_commit}(
    of_id BINARY(16), t BIGINT,
    create_hash BINARY(32), create_epoch BINARY(8), create_idle BIGINT, create_absolute BIGINT,
    guard_secret BINARY(32), guard_epoch BINARY(8), destroys BOOLEAN,
    expects LONGTEXT CHARACTER SET utf8mb4,     -- [[key, 1, revision or null], …]
    sets LONGTEXT CHARACTER SET utf8mb4,        -- [[key, offset and length in the payload, revision, [ttl, end]], …]
    payload LONGBLOB,
    removes LONGTEXT CHARACTER SET utf8mb4,     -- [key, …]
    indexes LONGTEXT CHARACTER SET utf8mb4,     -- [[name, value or null], …]
    rotate_from BINARY(32), rotate_to BINARY(32), rotate_seen BINARY(32), rotate_epoch BINARY(8), rotate_recognised BIGINT,
    touch BIGINT, absolute BIGINT, remember BIGINT, authenticates BOOLEAN, retire BIGINT
) MODIFIES SQL DATA SQL SECURITY INVOKER
BEGIN
    DECLARE held BINARY(16);
    DECLARE access VARCHAR(16) DEFAULT 'gone';
    DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;

    -- What a call that was killed has left: it must not be committed by what follows.
    ROLLBACK;
    -- In the level above, the lock on a session that is not there would keep others from being created.
    SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
    START TRANSACTION;

    -- A new session needs a free ID. Its own record, there already, is this change asked again.
    IF create_hash IS NOT NULL THEN
        CALL {session_now}(t);
        SET access = 'open';
        BEGIN
            DECLARE CONTINUE HANDLER FOR 1062 SET access = 'gone';
            INSERT INTO {session_records} (
                id, secret_hash, secret_since, epoch, created, idle_deadline, absolute_deadline, persistent, ended
            ) VALUES (of_id, create_hash, t, create_epoch, t, t + create_idle, t + create_absolute, FALSE, FALSE);
        END;
        IF access = 'gone' THEN
            SELECT 'again' INTO access FROM {session_records}
             WHERE id = of_id AND secret_hash = create_hash AND t < deadline AND NOT ended;
        END IF;
    ELSE
        SELECT id INTO held FROM {session_records} WHERE id = of_id FOR UPDATE;
        -- Not sooner: the lock may have been waited for.
        CALL {session_now}(t);
        -- The guard, as in `Meta::admits`; after the change's own new secret, which says that it is asked again.
        SELECT CASE
            WHEN ended OR t >= deadline THEN 'gone'
            WHEN secret_hash = rotate_to THEN 'again'
            WHEN guard_epoch IS NOT NULL THEN IF(epoch = guard_epoch, 'open', 'superseded')
            WHEN guard_secret IS NULL OR secret_hash = guard_secret THEN 'open'
            WHEN previous_hash IS NULL OR previous_hash <> guard_secret THEN 'gone'
            WHEN previous_until IS NULL OR t < previous_until THEN IF(previous_renewed, 'open', 'superseded')
            WHEN previous_renewed THEN 'reused'
            ELSE 'gone' END
          INTO access FROM {session_records} WHERE id = of_id;

        -- A revision of this change, there already or overwritten since, is this change asked again.
        IF access = 'open' AND EXISTS (
            SELECT 1 FROM JSON_TABLE(sets, '$[*]' COLUMNS (
                        name LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]', revision BIGINT PATH '$[3]')) s
              JOIN {session_fields} f
                ON f.session_id = of_id AND f.name = CAST(s.name AS BINARY)
               AND (f.revision = s.revision OR LOCATE(CONCAT(',', s.revision, ','), f.overwritten)))
        THEN SET access = 'again'; END IF;

        -- The fields of a compare-and-swap.
        IF access = 'open' AND EXISTS (
            SELECT 1 FROM JSON_TABLE(expects, '$[*]' COLUMNS (
                        name LONGTEXT CHARACTER SET utf8mb4 PATH '$[0]', revision BIGINT PATH '$[2]')) e
              LEFT JOIN {session_fields} f
                ON f.session_id = of_id AND f.name = CAST(e.name AS BINARY)
               AND f.value IS NOT NULL AND (f.expires IS NULL OR t < f.expires)
             WHERE NOT (f.revision <=> e.revision))
        THEN SET access = 'conflict'; END IF;
    END IF;

    IF access = 'open' AND destroys THEN
        -- The ID stays taken for a minute: a creation that was given up, asked again and undone by this may be on its way
        -- still, over another connection. Then it is swept.
        DELETE FROM {session_fields} WHERE session_id = of_id;
        DELETE FROM {session_index} WHERE session_id = of_id;
        UPDATE {session_records} SET ended = TRUE, idle_deadline = t + 60000000 WHERE id = of_id;
    ELSEIF access = 'open' THEN
        CALL {session_write}(of_id, t, sets, payload, removes, indexes);
        CALL {session_change}(
            of_id, t, guard_secret, rotate_from, rotate_to, rotate_seen, rotate_epoch, rotate_recognised,
            touch, absolute, remember, authenticates, retire);
    END IF;

    -- While the record is locked: what is told is what was written.
    IF access = 'conflict' THEN
        CALL {session_load}('conflict', of_id, t, expects);
    ELSEIF destroys OR access NOT IN ('open', 'again') THEN
        SELECT access AS outcome;
    ELSE
        CALL {session_load}('applied', of_id, t, '[]');
    END IF;
    COMMIT;
END;

-- Deletes some that have expired; those that another node deletes, or a commit holds, are left to it.
-- Those that were destroyed are not named again: rows without an ID stand for them.
CREATE PROCEDURE {session_sweep}(t BIGINT, most BIGINT, most_ended BIGINT) MODIFIES SQL DATA SQL SECURITY INVOKER
BEGIN
    DECLARE expired BINARY(16);
    DECLARE idle, absolute BIGINT;
    DECLARE of_ended BOOLEAN DEFAULT TRUE;
    DECLARE at_once BIGINT DEFAULT most_ended;
    DECLARE is_over BOOLEAN;
    DECLARE swept LONGTEXT CHARACTER SET utf8mb4 DEFAULT '';
    DECLARE found CURSOR FOR
        SELECT id, idle_deadline, absolute_deadline FROM {session_records}
         WHERE deadline <= t AND ended = of_ended LIMIT at_once FOR UPDATE SKIP LOCKED;
    DECLARE CONTINUE HANDLER FOR NOT FOUND SET is_over = TRUE;
    DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;

    CALL {session_now}(t);
    ROLLBACK;
    SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
    START TRANSACTION;
    -- First those that were destroyed.
    REPEAT
        SET is_over = FALSE;
        OPEN found;
        FETCH found INTO expired, idle, absolute;
        WHILE NOT is_over DO
            DELETE FROM {session_records} WHERE id = expired;
            SET swept = CONCAT(
                swept, IF(swept = '', '', ','),
                '[', IF(of_ended, 'null', CONCAT('"', HEX(expired), '"')), ',', idle, ',', absolute, ']');
            FETCH found INTO expired, idle, absolute;
        END WHILE;
        CLOSE found;
        SET of_ended = NOT of_ended, at_once = most;
    UNTIL of_ended END REPEAT;
    COMMIT;
    SELECT UNHEX(s.id) AS session_id, s.idle AS idle_deadline, s.absolute AS absolute_deadline
      FROM JSON_TABLE(CONCAT('[', swept, ']'), '$[*]' COLUMNS (
                id VARCHAR(32) PATH '$[0]', idle BIGINT PATH '$[1]', absolute BIGINT PATH '$[2]')) s;
END;

INSERT INTO {session_schema} (version) SELECT 1 FROM (SELECT 1) one WHERE NOT EXISTS (SELECT 1 FROM {session_schema});

SET sql_mode = @session_mode;
