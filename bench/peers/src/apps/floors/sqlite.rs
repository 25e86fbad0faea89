//! session-runtime's own tables in SQLite, with statements written by hand for this one application. They check what its store
//! checks: the hash of the secret, the deadlines, and the revision where a value depends on what was read.

use session_runtime::SqliteStore;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Row as _, Sqlite as Driver, Transaction};

use super::ticket::{LIFETIMES, Ticket, now, number, revision};
use super::{Data, Failed, Found, Sessions, carts};
use crate::sample::Item;

/// The sessions: read over as many connections as there are processors, written over one.
#[derive(Clone)]
pub(crate) struct Sqlite {
    read: SqlitePool,
    write: SqlitePool,
}

/// A live session with this secret.
macro_rules! lives {
    () => {
        "r.id = ?1 AND r.secret_hash = ?2 AND ?3 < min(r.idle_deadline, r.absolute_deadline)"
    };
}

const READ: &str = concat!(
    "SELECT f.value, f.revision FROM session_records r LEFT JOIN session_fields f
         ON f.session_id = r.id AND f.key = ?4 AND f.value IS NOT NULL AND (f.expires IS NULL OR ?3 < f.expires)
      WHERE ",
    lives!()
);

const ALL: &str = concat!(
    "SELECT f.key, f.value FROM session_records r LEFT JOIN session_fields f
         ON f.session_id = r.id AND f.key IN ('user', 'counter', 'cart') AND f.value IS NOT NULL
        AND (f.expires IS NULL OR ?3 < f.expires)
      WHERE ",
    lives!()
);

const SET: &str = concat!(
    "INSERT INTO session_fields (session_id, key, value, revision) SELECT r.id, ?4, ?5, ?6 FROM session_records r WHERE ",
    lives!(),
    " ON CONFLICT (session_id, key) DO UPDATE SET value = excluded.value, revision = excluded.revision, expires = NULL"
);

const SWAP: &str = concat!(
    "UPDATE session_fields SET value = ?5, revision = ?6
      WHERE session_id = ?1 AND key = ?4 AND revision = ?7 AND EXISTS (SELECT 1 FROM session_records r WHERE ",
    lives!(),
    ")"
);

const ROTATE: &str = concat!(
    "UPDATE session_records AS r SET previous_hash = secret_hash, previous_renewed = 0, previous_until = ?4,
            secret_hash = ?5, secret_since = ?3, epoch = ?6, authenticated = ?3
      WHERE ",
    lives!()
);

const BEGIN: &str = "INSERT INTO session_records
    (id, secret_hash, secret_since, epoch, created, idle_deadline, absolute_deadline, persistent)
    VALUES (?1, ?2, ?3, ?4, ?3, ?5, ?6, 0)";

const FIELD: &str = "INSERT INTO session_fields (session_id, key, value, revision) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (session_id, key) DO UPDATE SET value = excluded.value, revision = excluded.revision, expires = NULL";

impl Sqlite {
    /// Opens the database, whose tables session-runtime makes.
    pub(crate) async fn open(path: &str) -> Self {
        SqliteStore::open(path).await.expect("a database").close().await;
        let readers = std::thread::available_parallelism().map_or(2, |cores| cores.get() as u32);
        Self { read: pool(path, readers).await, write: pool(path, 1).await }
    }

    async fn value(&self, token: &str, key: &str) -> Found<(Vec<u8>, i64)> {
        let ticket = Ticket::parse(token)?;
        let found = sqlx::query(READ)
            .bind(ticket.id.as_slice())
            .bind(ticket.hash())
            .bind(nanos())
            .bind(key)
            .fetch_optional(&self.read)
            .await?
            .ok_or(Failed::Stranger)?;
        Ok((found.try_get(0)?, found.try_get(1)?))
    }

    async fn store(&self, token: &str, key: &str, value: &[u8]) -> Found<()> {
        let ticket = Ticket::parse(token)?;
        let done = sqlx::query(SET)
            .bind(ticket.id.as_slice())
            .bind(ticket.hash())
            .bind(nanos())
            .bind(key)
            .bind(value)
            .bind(revision())
            .execute(&self.write)
            .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(Failed::Stranger) }
    }

    /// Whether the field still was of the revision that was seen.
    async fn swap(&self, token: &str, counter: u64, seen: i64) -> Found<bool> {
        let ticket = Ticket::parse(token)?;
        let done = sqlx::query(SWAP)
            .bind(ticket.id.as_slice())
            .bind(ticket.hash())
            .bind(nanos())
            .bind("counter")
            .bind(counter.to_le_bytes().as_slice())
            .bind(revision())
            .bind(seen)
            .execute(&self.write)
            .await?;
        Ok(done.rows_affected() == 1)
    }
}

async fn field(transaction: &mut Transaction<'_, Driver>, id: &[u8], key: &str, value: &[u8]) -> Found<()> {
    sqlx::query(FIELD).bind(id).bind(key).bind(value).bind(revision()).execute(&mut **transaction).await?;
    Ok(())
}

impl Sessions for Sqlite {
    async fn read(&self, token: &str) -> Found<u64> {
        number(&self.value(token, "counter").await?.0)
    }

    async fn set(&self, token: &str, counter: u64) -> Found<()> {
        self.store(token, "counter", &counter.to_le_bytes()).await
    }

    async fn update(&self, token: &str) -> Found<u64> {
        loop {
            let (value, seen) = self.value(token, "counter").await?;
            let counter = number(&value)? + 1;
            if self.swap(token, counter, seen).await? {
                return Ok(counter);
            }
        }
    }

    async fn login(&self, token: &str, user: u64) -> Found<String> {
        let ticket = Ticket::parse(token)?;
        let fresh = Ticket::fresh(Some(ticket.id));
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        let rotated = sqlx::query(ROTATE)
            .bind(ticket.id.as_slice())
            .bind(ticket.hash())
            .bind(nanos())
            .bind(nanos() + 60_000_000_000)
            .bind(fresh.hash())
            .bind(super::random().to_be_bytes().as_slice())
            .execute(&mut *transaction)
            .await?;
        if rotated.rows_affected() != 1 {
            return Err(Failed::Stranger);
        }
        field(&mut transaction, &ticket.id, "user", &user.to_le_bytes()).await?;
        transaction.commit().await?;
        Ok(fresh.text())
    }

    async fn begin(&self, data: Data) -> Found<String> {
        let (ticket, (idle, absolute)) = (Ticket::fresh(None), LIFETIMES);
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query(BEGIN)
            .bind(ticket.id.as_slice())
            .bind(ticket.hash())
            .bind(nanos())
            .bind(super::random().to_be_bytes().as_slice())
            .bind(nanos() + idle.as_nanos() as i64)
            .bind(nanos() + absolute.as_nanos() as i64)
            .execute(&mut *transaction)
            .await?;
        field(&mut transaction, &ticket.id, "counter", &data.counter.to_le_bytes()).await?;
        if let Some(user) = data.user {
            field(&mut transaction, &ticket.id, "user", &user.to_le_bytes()).await?;
            field(&mut transaction, &ticket.id, "cart", &carts::encode(&data.cart)).await?;
        }
        if !data.note.is_empty() {
            field(&mut transaction, &ticket.id, "note", data.note.as_bytes()).await?;
        }
        transaction.commit().await?;
        Ok(ticket.text())
    }

    async fn all(&self, token: &str) -> Found<(Option<u64>, u64, Vec<Item>)> {
        let ticket = Ticket::parse(token)?;
        let found =
            sqlx::query(ALL).bind(ticket.id.as_slice()).bind(ticket.hash()).bind(nanos()).fetch_all(&self.read).await?;
        let mut data = Data::default();
        for row in &found {
            let value: &[u8] = row.try_get(1)?;
            match row.try_get(0)? {
                "user" => data.user = Some(number(value)?),
                "counter" => data.counter = number(value)?,
                _ => data.cart = carts::decode(value),
            }
        }
        if found.is_empty() { Err(Failed::Stranger) } else { Ok((data.user, data.counter, data.cart)) }
    }

    async fn set_note(&self, token: &str, note: String) -> Found<()> {
        self.store(token, "note", note.as_bytes()).await
    }

    async fn read_note(&self, token: &str) -> Found<String> {
        Ok(String::from_utf8(self.value(token, "note").await?.0)?)
    }
}

/// The settings of session-runtime's own pools.
async fn pool(path: &str, connections: u32) -> SqlitePool {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal);
    let pool = SqlitePoolOptions::new().max_connections(connections).test_before_acquire(false);
    pool.connect_with(options).await.expect("a database")
}

fn nanos() -> i64 {
    now().as_nanos() as i64
}
