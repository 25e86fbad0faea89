//! The connections over which a store's operations go.
//!
//! A pool asks each connection that comes back whether it is well: a trip more for each operation. Those of a store's own pool are
//! therefore kept for the next operations, and go back to the pool, which looks after them, a second after they left it.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{Database, Error, Pool};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, timeout};

/// For how long a connection is taken to be well, without asking.
pub(in crate::store) const FRESH: Duration = Duration::from_secs(1);

/// The connections of one pool.
pub(in crate::store) struct Connections<DB: Database> {
    pool: Pool<DB>,
    /// None where others use the pool too: they would wait for what is kept here.
    kept: Option<Arc<Kept<DB>>>,
}

impl<DB: Database> Connections<DB> {
    /// Those of a pool that others may use too.
    pub(in crate::store) fn shared(pool: Pool<DB>) -> Self {
        Self { pool, kept: None }
    }

    /// Those of a pool that nobody else uses.
    pub(in crate::store) fn own(pool: Pool<DB>) -> Self {
        let most = usize::try_from(pool.options().get_max_connections()).unwrap_or(Semaphore::MAX_PERMITS);
        let kept = Kept { turns: Arc::new(Semaphore::new(most)), shelf: Mutex::default() };
        Self { pool, kept: Some(Arc::new(kept)) }
    }

    /// One of them, as soon as there is one; with the errors of [`Pool::acquire`].
    pub(in crate::store) async fn take(&self) -> Result<Taken<DB>, Error> {
        let Some(kept) = &self.kept else {
            return Ok(Taken { connection: self.pool.acquire().await?, since: Instant::now(), goes_to: None });
        };
        let turn = timeout(self.patience(), Arc::clone(&kept.turns).acquire_owned());
        let turn = turn.await.map_err(|_| Error::PoolTimedOut)?.map_err(|_| Error::PoolClosed)?;
        let (connection, since) = match kept.pop() {
            Some(connection) => connection,
            None => (self.pool.acquire().await?, Instant::now()),
        };
        Ok(Taken { connection, since, goes_to: Some((Arc::clone(kept), turn)) })
    }

    /// How long [`take`](Self::take) waits.
    pub(in crate::store) fn patience(&self) -> Duration {
        self.pool.options().get_acquire_timeout()
    }

    /// Waits until all are closed, the pool's others too.
    pub(in crate::store) async fn close(&self) {
        if let Some(kept) = &self.kept {
            kept.close();
        }
        self.pool.close().await;
    }
}

impl<DB: Database> Clone for Connections<DB> {
    fn clone(&self) -> Self {
        Self { pool: self.pool.clone(), kept: self.kept.clone() }
    }
}

impl<DB: Database> fmt::Debug for Connections<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pool.fmt(f)
    }
}

/// A connection for one operation. Dropped, it goes back to the pool, which sees to whatever the operation left unfinished.
pub(in crate::store) struct Taken<DB: Database> {
    connection: PoolConnection<DB>,
    /// When it left the pool.
    since: Instant,
    goes_to: Option<(Arc<Kept<DB>>, OwnedSemaphorePermit)>,
}

impl<DB: Database> Taken<DB> {
    /// Gives it to the next operation. Only after this one had its whole answer.
    pub(in crate::store) fn keep(self) {
        if let Some((kept, _turn)) = self.goes_to {
            kept.push((self.connection, self.since));
        }
    }

    /// Takes it from the pool for good.
    #[cfg(any(feature = "mysql", feature = "postgres"))]
    pub(in crate::store) fn detach(self) -> DB::Connection {
        self.connection.detach()
    }
}

impl<DB: Database> Deref for Taken<DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &DB::Connection {
        &self.connection
    }
}

impl<DB: Database> DerefMut for Taken<DB> {
    fn deref_mut(&mut self) -> &mut DB::Connection {
        &mut self.connection
    }
}

/// Those that are out of the pool.
struct Kept<DB: Database> {
    /// As many as the pool has connections: whoever waits for one waits here, where the last operation leaves it.
    turns: Arc<Semaphore>,
    shelf: Mutex<Shelf<DB>>,
}

/// Those of them that nobody uses.
struct Shelf<DB: Database> {
    /// With the time when each left the pool, the last used last.
    connections: Vec<(PoolConnection<DB>, Instant)>,
    /// Whether a task waits to give them back.
    is_watched: bool,
    is_closed: bool,
}

impl<DB: Database> Default for Shelf<DB> {
    fn default() -> Self {
        Self { connections: Vec::new(), is_watched: false, is_closed: false }
    }
}

impl<DB: Database> Kept<DB> {
    fn pop(&self) -> Option<(PoolConnection<DB>, Instant)> {
        let mut shelf = self.shelf();
        shelf.give_back();
        shelf.connections.pop()
    }

    fn push(self: &Arc<Self>, connection: (PoolConnection<DB>, Instant)) {
        let mut shelf = self.shelf();
        if shelf.is_closed {
            return;
        }
        shelf.connections.push(connection);
        if !shelf.is_watched {
            shelf.is_watched = true;
            tokio::spawn(watch(Arc::downgrade(self)));
        }
    }

    fn close(&self) {
        self.turns.close();
        let mut shelf = self.shelf();
        shelf.is_closed = true;
        shelf.connections.clear();
    }

    /// A list of connections is whole at any time.
    fn shelf(&self) -> MutexGuard<'_, Shelf<DB>> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<DB: Database> Shelf<DB> {
    /// Drops those that have been out of the pool for long enough, which is how they go back.
    fn give_back(&mut self) {
        self.connections.retain(|(_, since)| since.elapsed() <= FRESH);
    }
}

/// Not by way of the pool, which needs a runtime for that; there may be none any more.
impl<DB: Database> Drop for Kept<DB> {
    fn drop(&mut self) {
        for (connection, _) in self.shelf().connections.drain(..) {
            drop(connection.detach());
        }
    }
}

/// Gives back what no operation has come for, until there is nothing.
async fn watch<DB: Database>(kept: Weak<Kept<DB>>) {
    loop {
        sleep(FRESH).await;
        let Some(kept) = kept.upgrade() else { return };
        let mut shelf = kept.shelf();
        shelf.give_back();
        if shelf.connections.is_empty() {
            shelf.is_watched = false;
            return;
        }
    }
}
