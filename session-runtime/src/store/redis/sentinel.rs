//! A connection to whichever server the sentinels say is the master.

use std::fmt;
use std::sync::Arc;

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::sentinel::SentinelClient;
use redis::{AsyncConnectionConfig, Cmd, ErrorKind, Pipeline, RedisError, RedisFuture, ServerErrorKind, Value};
use tokio::sync::Mutex;

use super::TIMEOUT;

/// A connection to the master of a group that Redis Sentinel watches. When it breaks, or the server is the master no longer,
/// the next operation asks the sentinels again. Made by [`RedisStore::from_sentinel`](super::RedisStore::from_sentinel).
#[derive(Clone)]
pub struct SentinelConnection(Arc<Mutex<State>>);

struct State {
    sentinels: SentinelClient,
    master: Option<MultiplexedConnection>,
}

impl SentinelConnection {
    pub(super) fn new(sentinels: SentinelClient) -> Self {
        Self(Arc::new(Mutex::new(State { sentinels, master: None })))
    }

    /// The connection that there is, or a new one.
    async fn master(&self) -> Result<MultiplexedConnection, RedisError> {
        let mut state = self.0.lock().await;
        if let Some(master) = &state.master {
            return Ok(master.clone());
        }
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(Some(TIMEOUT)).set_response_timeout(Some(TIMEOUT));
        let master = state.sentinels.get_async_connection_with_config(&config).await?;
        state.master = Some(master.clone());
        Ok(master)
    }

    /// Has the sentinels asked again, if the error says that this was not the master.
    async fn judge<T>(&self, answer: Result<T, RedisError>) -> Result<T, RedisError> {
        if answer.as_ref().is_err_and(is_no_master) {
            self.0.lock().await.master = None;
        }
        answer
    }
}

fn is_no_master(error: &RedisError) -> bool {
    let is_broken = error.is_io_error() || error.is_connection_dropped() || error.is_timeout();
    is_broken || error.is_unrecoverable_error() || error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly)
}

impl ConnectionLike for SentinelConnection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        Box::pin(async move {
            let mut master = self.master().await?;
            let answer = master.req_packed_command(command).await;
            self.judge(answer).await
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
            self.judge(answer).await
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
