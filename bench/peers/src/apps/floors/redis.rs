//! One hash per session, and the commands one would type: no secret beside the name, no check, no deadline but the key's own.

use redis::aio::ConnectionManager;
use redis::{Client, cmd, pipe};

use super::{Data, Failed, Found, Sessions, carts};
use crate::sample::Item;

/// How long a session lives, in seconds.
const DAY: u64 = 24 * 60 * 60;

/// The sessions.
#[derive(Clone)]
pub(crate) struct Redis(ConnectionManager);

impl Redis {
    /// Connects.
    pub(crate) async fn open(url: &str) -> Self {
        let client = Client::open(url).expect("a URL");
        Self(ConnectionManager::new(client).await.expect("a Redis server"))
    }
}

fn key(token: &str) -> String {
    format!("floor:{token}")
}

fn fresh_token() -> String {
    format!("{:032x}", super::random())
}

impl Sessions for Redis {
    async fn read(&self, token: &str) -> Found<u64> {
        let counter: Option<u64> = cmd("HGET").arg(key(token)).arg("counter").query_async(&mut self.0.clone()).await?;
        counter.ok_or(Failed::Stranger)
    }

    async fn set(&self, token: &str, counter: u64) -> Found<()> {
        Ok(cmd("HSET").arg(key(token)).arg("counter").arg(counter).query_async(&mut self.0.clone()).await?)
    }

    async fn update(&self, token: &str) -> Found<u64> {
        Ok(cmd("HINCRBY").arg(key(token)).arg("counter").arg(1).query_async(&mut self.0.clone()).await?)
    }

    async fn login(&self, token: &str, user: u64) -> Found<String> {
        let fresh = fresh_token();
        let mut both = pipe();
        both.cmd("RENAME").arg(key(token)).arg(key(&fresh)).ignore();
        both.cmd("HSET").arg(key(&fresh)).arg("user").arg(user).ignore();
        both.query_async::<()>(&mut self.0.clone()).await?;
        Ok(fresh)
    }

    async fn begin(&self, data: Data) -> Found<String> {
        let fresh = fresh_token();
        let mut both = pipe();
        let fields = both.cmd("HSET").arg(key(&fresh)).arg("counter").arg(data.counter);
        if let Some(user) = data.user {
            fields.arg("user").arg(user).arg("cart").arg(carts::encode(&data.cart));
        }
        if !data.note.is_empty() {
            fields.arg("note").arg(data.note);
        }
        both.ignore().cmd("EXPIRE").arg(key(&fresh)).arg(DAY).ignore();
        both.query_async::<()>(&mut self.0.clone()).await?;
        Ok(fresh)
    }

    async fn all(&self, token: &str) -> Found<(Option<u64>, u64, Vec<Item>)> {
        let mut fields = cmd("HMGET");
        fields.arg(key(token)).arg("user").arg("counter").arg("cart");
        let (user, counter, cart): (Option<u64>, Option<u64>, Option<Vec<u8>>) =
            fields.query_async(&mut self.0.clone()).await?;
        Ok((user, counter.ok_or(Failed::Stranger)?, carts::decode(&cart.unwrap_or_default())))
    }

    async fn set_note(&self, token: &str, note: String) -> Found<()> {
        Ok(cmd("HSET").arg(key(token)).arg("note").arg(note).query_async(&mut self.0.clone()).await?)
    }

    async fn read_note(&self, token: &str) -> Found<String> {
        let note: Option<String> = cmd("HGET").arg(key(token)).arg("note").query_async(&mut self.0.clone()).await?;
        note.ok_or(Failed::Stranger)
    }
}
