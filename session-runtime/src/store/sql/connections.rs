//! The connections over which a store's operations go.
//!
//! A pool asks each connection that comes back whether it is well: a trip more for each operation. Those of a store's own pool are
//! therefore kept for the next operations, and go back to the pool, which looks after them, a second after they left it.

use std::fmt;
use std::mem;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{Connection as _, Database, Error, Pool};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, timeout};

/// For how long a connection is taken to be well, without asking.
pub(in crate::store) const FRESH: Duration = Duration::from_secs(1);

/// How long one that goes back may take to say that it is well. A pool would wait for as long as it takes.
const ANSWER: Duration = Duration::from_secs(5);

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

    /// Those of a pool that nobody else uses.
    pub(in crate::store) fn own(pool: Pool<DB>) -> Self {
        let most = usize::try_from(pool.options().get_max_connections()).unwrap_or(Semaphore::MAX_PERMITS);
        let kept = Kept { turns: Arc::new(Semaphore::new(most)), shelf: Mutex::default() };
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
            kept.close();
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
        if self.since.elapsed() > FRESH {
            give_back(connection, self.turn);
        } else {
            // Before the next one has the turn.
            self.kept.push((connection, self.since));
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
            give_back(connection, place.turn);
        }
    }
}

/// Gives a connection back to its pool, or closes it where it does not answer. Nobody else has its turn until then: whoever has
/// one and finds none kept would wait for the pool, whatever is kept meanwhile.
fn give_back<DB: Database>(mut connection: PoolConnection<DB>, turn: OwnedSemaphorePermit) {
    let Ok(runtime) = Handle::try_current() else {
        drop(connection.detach());
        return;
    };
    runtime.spawn(async move {
        match timeout(ANSWER, connection.ping()).await {
            Ok(Ok(())) => drop(connection),
            Ok(Err(_)) | Err(_) => drop(connection.detach()),
        }
        drop(turn);
    });
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
        loop {
            let (connection, since) = shelf.connections.pop()?;
            if since.elapsed() <= STALE {
                return Some((connection, since));
            }
            drop(connection.detach());
        }
    }

    fn push(self: &Arc<Self>, connection: (PoolConnection<DB>, Instant)) {
        let mut shelf = self.shelf();
        if shelf.is_closed {
            return;
        }
        shelf.connections.push(connection);
        if !shelf.is_watched {
            shelf.is_watched = true;
            tokio::spawn(Watch(Arc::downgrade(self)).until_there_is_nothing());
        }
    }

    /// Gives back those that have been out of the pool for long enough, unless somebody comes for them; whether any is left.
    fn give_back(&self) -> bool {
        let mut shelf = self.shelf();
        let all = mem::take(&mut shelf.connections).into_iter();
        let (aged, fresh): (Vec<_>, Vec<_>) = all.partition(|(_, since)| since.elapsed() > FRESH);
        for (connection, since) in aged {
            match Arc::clone(&self.turns).try_acquire_owned() {
                Ok(turn) => give_back(connection, turn),
                Err(_) => shelf.connections.push((connection, since)),
            }
        }
        shelf.connections.extend(fresh);
        shelf.is_watched = !shelf.connections.is_empty();
        shelf.is_watched
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

/// Not by way of the pool, which needs a runtime for that; there may be none any more.
impl<DB: Database> Drop for Kept<DB> {
    fn drop(&mut self) {
        for (connection, _) in self.shelf().connections.drain(..) {
            drop(connection.detach());
        }
    }
}

/// Who sees to it that what no operation comes for goes back.
struct Watch<DB: Database>(Weak<Kept<DB>>);

impl<DB: Database> Watch<DB> {
    async fn until_there_is_nothing(self) {
        loop {
            sleep(FRESH).await;
            let Some(kept) = self.0.upgrade() else { return };
            if !kept.give_back() {
                return;
            }
        }
    }
}

/// With its runtime, maybe.
impl<DB: Database> Drop for Watch<DB> {
    fn drop(&mut self) {
        if let Some(kept) = self.0.upgrade() {
            kept.shelf().is_watched = false;
        }
    }
}
