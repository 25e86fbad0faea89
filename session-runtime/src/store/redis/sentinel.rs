//! A connection to whichever server the sentinels say is the master.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::sentinel::SentinelClient;
use redis::{AsyncConnectionConfig, Cmd, Pipeline, RedisError, RedisFuture, ServerErrorKind, Value};
use tokio::sync::Mutex as AsyncMutex;

use super::TIMEOUT;

/// A connection to the master of a group that Redis Sentinel watches. When it breaks, or the server is the master no longer,
/// the next operation asks the sentinels again. Made by [`RedisStore::from_sentinel`](super::RedisStore::from_sentinel).
#[derive(Clone)]
pub struct SentinelConnection(Arc<State>);

struct State {
    /// Locked while they are asked: those who wait want the same answer.
    sentinels: AsyncMutex<SentinelClient>,
    /// Never locked across an await.
    master: Mutex<Option<Master>>,
}

struct Master {
    connection: MultiplexedConnection,
    /// When it last gave any answer.
    answered: Instant,
}

impl State {
    fn master(&self) -> MutexGuard<'_, Option<Master>> {
        self.master.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SentinelConnection {
    pub(super) fn new(sentinels: SentinelClient) -> Self {
        Self(Arc::new(State { sentinels: AsyncMutex::new(sentinels), master: Mutex::default() }))
    }

    /// The connection that there is, or a new one.
    async fn master(&self) -> Result<MultiplexedConnection, RedisError> {
        if let Some(master) = self.known() {
            return Ok(master);
        }
        let mut sentinels = self.0.sentinels.lock().await;
        if let Some(master) = self.known() {
            return Ok(master);
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(TIMEOUT))
            // `with_timeout` decides.
            .set_response_timeout(None);
        let master = sentinels.get_async_connection_with_config(&config).await?;
        *self.0.master() = Some(Master { connection: master.clone(), answered: Instant::now() });
        Ok(master)
    }

    fn known(&self) -> Option<MultiplexedConnection> {
        self.0.master().as_ref().map(|master| master.connection.clone())
    }

    /// Has the next operation ask the sentinels, if the master has answered nobody for so long. One that is only slow, or was
    /// found a moment ago, stays.
    pub(super) fn no_answer_within(&self, time: Duration) {
        let mut master = self.0.master();
        if master.as_ref().is_some_and(|master| master.answered.elapsed() >= time) {
            *master = None;
        }
    }

    /// The same, if the answer says that this was not the master.
    fn judge<T>(&self, answer: Result<T, RedisError>, refuses: impl FnOnce(&T) -> bool) -> Result<T, RedisError> {
        let is_no_master = answer.as_ref().map_or_else(is_no_master, refuses);
        let mut master = self.0.master();
        if is_no_master {
            *master = None;
        } else if let Some(master) = &mut *master {
            master.answered = Instant::now();
        }
        drop(master);
        answer
    }
}

/// A connection that broke, or never was.
fn is_no_master(error: &RedisError) -> bool {
    let is_broken = error.is_io_error() || error.is_connection_dropped() || error.is_timeout();
    is_broken || error.is_unrecoverable_error()
}

/// A replica's answer to what would change something.
fn is_refusal(answer: &Value) -> bool {
    matches!(answer, Value::ServerError(error) if error.kind() == Some(ServerErrorKind::ReadOnly))
}

impl ConnectionLike for SentinelConnection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        Box::pin(async move {
            let mut master = self.master().await?;
            let answer = master.req_packed_command(command).await;
            self.judge(answer, is_refusal)
        })
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        Box::pin(async move {
            let mut master = self.master().await?;
            let answer = master.req_packed_commands(pipeline, offset, count).await;
            self.judge(answer, |answers| answers.iter().any(is_refusal))
        })
    }

    /// That of the user's settings; nothing here asks for it.
    fn get_db(&self) -> i64 {
        0
    }
}

impl fmt::Debug for SentinelConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SentinelConnection").finish_non_exhaustive()
    }
}
