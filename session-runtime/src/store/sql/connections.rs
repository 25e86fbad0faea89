//! The connections over which a store's operations go.
//!
//! A pool asks each connection that comes back whether it is well: a trip more for each operation. Those of a store's own pool are
//! therefore kept for the next operations, and go back to the pool, which looks after them, a second after they left it.

use std::fmt;
use std::future::Future;
use std::mem;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{Database, Error, Pool};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, timeout};

/// For how long a connection is taken to be well, without asking.
pub(in crate::store) const FRESH: Duration = Duration::from_secs(1);

/// What is kept for so long was left by a runtime that has ended, and nobody has looked after it.
const STALE: Duration = Duration::from_secs(3);

/// The connections of one pool.
pub(in crate::store) struct Connections<DB: Database> {
    pool: Pool<DB>,
    /// None where others use the pool too: they would wait for what is kept here.
    kept: Option<Arc<Kept<DB>>>,
}

impl<DB: Database> Connections<DB> {
    /// Those of a pool that others may use too, or whose connections must not end.
    pub(in crate::store) fn shared(pool: Pool<DB>) -> Self {
        Self { pool, kept: None }
    }

    /// Those of a pool that nobody else uses. One that goes back has `answer` to say that it is well: a pool would wait for as
    /// long as it takes.
    pub(in crate::store) fn own(pool: Pool<DB>, answer: Duration) -> Self {
        let most = usize::try_from(pool.options().get_max_connections()).unwrap_or(Semaphore::MAX_PERMITS);
        let kept = Kept { turns: Arc::new(Semaphore::new(most)), shelf: Mutex::default(), answer };
        Self { pool, kept: Some(Arc::new(kept)) }
    }

    /// One of them, as soon as there is one; with the errors of [`Pool::acquire`].
    pub(in crate::store) async fn take(&self) -> Result<Taken<DB>, Error> {
        match &self.kept {
            Some(kept) => timeout(self.patience(), self.take_in_turn(kept)).await.unwrap_or(Err(Error::PoolTimedOut)),
            None => Ok(Taken { connection: Some(self.pool.acquire().await?), place: None }),
        }
    }

    async fn take_in_turn(&self, kept: &Arc<Kept<DB>>) -> Result<Taken<DB>, Error> {
        let turn = Arc::clone(&kept.turns).acquire_owned().await.map_err(|_| Error::PoolClosed)?;
        let (connection, since) = match kept.pop() {
            Some(kept) => kept,
            None => (self.pool.acquire().await?, Instant::now()),
        };
        let place = Place { kept: Arc::clone(kept), since, turn };
        Ok(Taken { connection: Some(connection), place: Some(place) })
    }

    /// How long [`take`](Self::take) waits.
    pub(in crate::store) fn patience(&self) -> Duration {
        self.pool.options().get_acquire_timeout()
    }

    /// Waits until all are closed, the pool's others too.
    pub(in crate::store) async fn close(&self) {
        // It is, from now on: what comes back is not asked any more.
        let closed = self.pool.close();
        if let Some(kept) = &self.kept {
            kept.close().await;
        }
        closed.await;
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
    /// Until it is dropped.
    connection: Option<PoolConnection<DB>>,
    /// Where it is kept, if it is.
    place: Option<Place<DB>>,
}

/// Where a connection is kept, and by which right it is out.
struct Place<DB: Database> {
    kept: Arc<Kept<DB>>,
    /// When it left the pool.
    since: Instant,
    turn: OwnedSemaphorePermit,
}

impl<DB: Database> Taken<DB> {
    /// Gives it to the next operation. Only after this one had its whole answer.
    pub(in crate::store) fn keep(mut self) {
        if let (Some(connection), Some(place)) = (self.connection.take(), self.place.take()) {
            place.keep(connection);
        }
    }

    /// Takes it from the pool for good.
    #[cfg(any(feature = "mysql", feature = "postgres"))]
    pub(in crate::store) fn detach(mut self) -> DB::Connection {
        self.connection.take().expect(THERE).detach()
    }
}

impl<DB: Database> Place<DB> {
    fn keep(self, connection: PoolConnection<DB>) {
        // Before the next one has the turn.
        let refused =
            if self.since.elapsed() > FRESH { Some(connection) } else { self.kept.push(connection, self.since) };
        if let Some(connection) = refused {
            self.kept.give_back(connection, self.turn);
        }
    }
}

const THERE: &str = "it is there until it is dropped";

impl<DB: Database> Deref for Taken<DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &DB::Connection {
        self.connection.as_ref().expect(THERE)
    }
}

impl<DB: Database> DerefMut for Taken<DB> {
    fn deref_mut(&mut self) -> &mut DB::Connection {
        self.connection.as_mut().expect(THERE)
    }
}

impl<DB: Database> Drop for Taken<DB> {
    fn drop(&mut self) {
        if let (Some(connection), Some(place)) = (self.connection.take(), self.place.take()) {
            place.kept.give_back(connection, place.turn);
        }
    }
}

/// Those that are out of the pool.
struct Kept<DB: Database> {
    /// As many as the pool has connections: whoever waits for one waits here, where the last operation leaves it.
    turns: Arc<Semaphore>,
    shelf: Mutex<Shelf<DB>>,
    answer: Duration,
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
        loop {
            let (connection, since) = shelf.connections.pop()?;
            if since.elapsed() <= STALE {
                return Some((connection, since));
            }
            drop(connection.detach());
        }
    }

    /// Gives it back where all is closed.
    fn push(self: &Arc<Self>, connection: PoolConnection<DB>, since: Instant) -> Option<PoolConnection<DB>> {
        let is_watched = {
            let mut shelf = self.shelf();
            if shelf.is_closed {
                return Some(connection);
            }
            shelf.connections.push((connection, since));
            mem::replace(&mut shelf.is_watched, true)
        };
        if !is_watched {
            // Not under the lock: a runtime that is shutting down drops what it is to run.
            Watch(Arc::downgrade(self)).begin();
        }
        None
    }

    /// Gives a connection back to its pool, or closes it where it does not answer. Nobody else has its turn until then: whoever
    /// has one and finds none kept would wait for the pool, whatever is kept meanwhile.
    fn give_back(&self, mut connection: PoolConnection<DB>, turn: OwnedSemaphorePermit) {
        let returned = timeout_of(self.answer, connection.return_to_pool());
        // Where there is no runtime, it is closed.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                returned.await;
                drop(turn);
            });
        }
    }

    /// Gives back those that have been out of the pool for long enough, unless somebody comes for them; whether any is left.
    fn give_back_aged(&self) -> bool {
        let mut shelf = self.shelf();
        let all = mem::take(&mut shelf.connections).into_iter();
        let (aged, fresh): (Vec<_>, Vec<_>) = all.partition(|(_, since)| since.elapsed() > FRESH);
        for (connection, since) in aged {
            match Arc::clone(&self.turns).try_acquire_owned() {
                Ok(turn) => self.give_back(connection, turn),
                Err(_) => shelf.connections.push((connection, since)),
            }
        }
        shelf.connections.extend(fresh);
        shelf.is_watched = !shelf.connections.is_empty();
        shelf.is_watched
    }

    async fn close(&self) {
        self.turns.close();
        let connections = {
            let mut shelf = self.shelf();
            shelf.is_closed = true;
            mem::take(&mut shelf.connections)
        };
        for (mut connection, _) in connections {
            connection.return_to_pool().await;
        }
    }

    /// Closes all of them; not by way of the pool, which needs a runtime for that.
    fn detach(&self) {
        let connections = {
            let mut shelf = self.shelf();
            shelf.is_watched = false;
            mem::take(&mut shelf.connections)
        };
        connections.into_iter().for_each(|(connection, _)| drop(connection.detach()));
    }

    /// A list of connections is whole at any time.
    fn shelf(&self) -> MutexGuard<'_, Shelf<DB>> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// There may be no runtime any more.
impl<DB: Database> Drop for Kept<DB> {
    fn drop(&mut self) {
        self.detach();
    }
}

/// Waits for it, but not longer than this.
async fn timeout_of(limit: Duration, work: impl Future<Output = ()>) {
    let _ = timeout(limit, work).await;
}

/// Who sees to it that what no operation comes for goes back.
struct Watch<DB: Database>(Weak<Kept<DB>>);

impl<DB: Database> Watch<DB> {
    fn begin(self) {
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(self.until_there_is_nothing());
        }
    }

    async fn until_there_is_nothing(mut self) {
        loop {
            sleep(FRESH).await;
            let is_left = self.0.upgrade().is_some_and(|kept| kept.give_back_aged());
            if !is_left {
                self.0 = Weak::new();
                return;
            }
        }
    }
}

/// Only where it has not come to its end: with its runtime, over which no connection works any more.
impl<DB: Database> Drop for Watch<DB> {
    fn drop(&mut self) {
        if let Some(kept) = self.0.upgrade() {
            kept.detach();
        }
    }
}
