//! session-runtime's own tables in PostgreSQL, with statements written by hand for this one application. They check what its store
//! checks: the hash of the secret, the deadlines, and the revision where a value depends on what was read. They lock nothing of their own.

use session_runtime::PostgresStore;
use sqlx::Row as _;
use sqlx::postgres::{PgPool, PgPoolOptions};

use super::ticket::{LIFETIMES, Ticket, now, number, revision};
use super::{Data, Failed, Found, Sessions, carts};
use crate::sample::Item;

/// The sessions.
#[derive(Clone)]
pub(crate) struct Postgres(PgPool);

/// A live session with this secret.
macro_rules! lives {
    () => {
        "r.id = $1 AND r.secret_hash = $2 AND $3 < least(r.idle_deadline, r.absolute_deadline)"
    };
}

const READ: &str = concat!(
    "SELECT f.value, f.revision FROM session_records r LEFT JOIN session_fields f
         ON f.session_id = r.id AND f.key = $4 AND f.value IS NOT NULL AND (f.expires IS NULL OR $3 < f.expires)
      WHERE ",
    lives!()
);

const ALL: &str = concat!(
    "SELECT f.key, f.value FROM session_records r LEFT JOIN session_fields f
         ON f.session_id = r.id AND f.key IN ('user', 'counter', 'cart') AND f.value IS NOT NULL
        AND (f.expires IS NULL OR $3 < f.expires)
      WHERE ",
    lives!()
);

const SET: &str = concat!(
    "INSERT INTO session_fields (session_id, key, value, revision) SELECT r.id, $4, $5, $6 FROM session_records r WHERE ",
    lives!(),
    " ON CONFLICT (session_id, key) DO UPDATE SET value = excluded.value, revision = excluded.revision, expires = NULL"
);

const SWAP: &str = concat!(
    "UPDATE session_fields SET value = $5, revision = $6
      WHERE session_id = $1 AND key = $4 AND revision = $7 AND EXISTS (SELECT 1 FROM session_records r WHERE ",
    lives!(),
    ")"
);

/// The new secret and the user, in one statement.
const LOGIN: &str = concat!(
    "WITH rotated AS (
        UPDATE session_records r SET previous_hash = secret_hash, previous_renewed = false, previous_until = $4,
               secret_hash = $5, secret_since = $3, epoch = $6, authenticated = $3
         WHERE ",
    lives!(),
    " RETURNING r.id)
     INSERT INTO session_fields (session_id, key, value, revision) SELECT id, 'user', $7, $8 FROM rotated
         ON CONFLICT (session_id, key) DO UPDATE SET value = excluded.value, revision = excluded.revision, expires = NULL"
);

/// A new session and its fields, in one statement.
const BEGIN: &str = "WITH begun AS (
        INSERT INTO session_records
            (id, secret_hash, secret_since, epoch, created, idle_deadline, absolute_deadline, persistent, ended)
        VALUES ($1, $2, $3, $4, $3, $5, $6, false, false) RETURNING id)
     INSERT INTO session_fields (session_id, key, value, revision)
     SELECT begun.id, f.key, f.value, $9 FROM begun, unnest($7::text[], $8::bytea[]) AS f (key, value)";

impl Postgres {
    /// Connects to the database, whose tables session-runtime makes.
    pub(crate) async fn open(url: &str) -> Self {
        PostgresStore::open(url).await.expect("a database").close().await;
        // The settings of session-runtime's own pool.
        let pool = PgPoolOptions::new().max_connections(10).test_before_acquire(false);
        Self(pool.connect(url).await.expect("a database"))
    }

    async fn value(&self, token: &str, key: &str) -> Found<(Vec<u8>, i64)> {
        let ticket = Ticket::parse(token)?;
        let found = sqlx::query(READ)
            .bind(ticket.id.as_slice())
            .bind(ticket.hash())
            .bind(micros())
            .bind(key)
            .fetch_optional(&self.0)
            .await?
            .ok_or(Failed::Stranger)?;
        Ok((found.try_get(0)?, found.try_get(1)?))
    }

    async fn store(&self, token: &str, key: &str, value: &[u8]) -> Found<()> {
        let ticket = Ticket::parse(token)?;
        let done = sqlx::query(SET)
            .bind(ticket.id.as_slice())
            .bind(ticket.hash())
            .bind(micros())
            .bind(key)
            .bind(value)
            .bind(revision())
            .execute(&self.0)
            .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(Failed::Stranger) }
    }

    /// Whether the field still was of the revision that was seen.
    async fn swap(&self, token: &str, counter: u64, seen: i64) -> Found<bool> {
        let ticket = Ticket::parse(token)?;
        let done = sqlx::query(SWAP)
            .bind(ticket.id.as_slice())
            .bind(ticket.hash())
            .bind(micros())
            .bind("counter")
            .bind(counter.to_le_bytes().as_slice())
            .bind(revision())
            .bind(seen)
            .execute(&self.0)
            .await?;
        Ok(done.rows_affected() == 1)
    }
}

impl Sessions for Postgres {
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
        let done = sqlx::query(LOGIN)
            .bind(ticket.id.as_slice())
            .bind(ticket.hash())
            .bind(micros())
            .bind(micros() + 60_000_000)
            .bind(fresh.hash())
            .bind(super::random().to_be_bytes().as_slice())
            .bind(user.to_le_bytes().as_slice())
            .bind(revision())
            .execute(&self.0)
            .await?;
        if done.rows_affected() == 1 { Ok(fresh.text()) } else { Err(Failed::Stranger) }
    }

    async fn begin(&self, data: Data) -> Found<String> {
        let (ticket, (idle, absolute)) = (Ticket::fresh(None), LIFETIMES);
        let mut fields = vec![("counter", data.counter.to_le_bytes().to_vec())];
        if let Some(user) = data.user {
            fields.push(("user", user.to_le_bytes().to_vec()));
            fields.push(("cart", carts::encode(&data.cart)));
        }
        if !data.note.is_empty() {
            fields.push(("note", data.note.into_bytes()));
        }
        let (keys, values): (Vec<_>, Vec<_>) = fields.into_iter().unzip();
        sqlx::query(BEGIN)
            .bind(ticket.id.as_slice())
            .bind(ticket.hash())
            .bind(micros())
            .bind(super::random().to_be_bytes().as_slice())
            .bind(micros() + idle.as_micros() as i64)
            .bind(micros() + absolute.as_micros() as i64)
            .bind(keys)
            .bind(values)
            .bind(revision())
            .execute(&self.0)
            .await?;
        Ok(ticket.text())
    }

    async fn all(&self, token: &str) -> Found<(Option<u64>, u64, Vec<Item>)> {
        let ticket = Ticket::parse(token)?;
        let found =
            sqlx::query(ALL).bind(ticket.id.as_slice()).bind(ticket.hash()).bind(micros()).fetch_all(&self.0).await?;
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

fn micros() -> i64 {
    now().as_micros() as i64
}
