//! When a visitor was here.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use session_runtime::Session;

use crate::schema::Shop;

/// A visit is over after this long without a page. It is short so that the demo soon shows a second one.
const PAUSE: Duration = Duration::from_secs(60);

/// How exact the time of the last page is: written at each page it would cost each page a write.
const EXACT_TO: Duration = Duration::from_secs(10);

/// A visitor's visits.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Visits {
    /// How many there were, with this one.
    pub(crate) count: u32,
    /// When the one before this ended.
    pub(crate) previous: Option<SystemTime>,
    latest_page: Option<SystemTime>,
}

impl Visits {
    /// Notes a page, and begins a new visit if it comes after a pause.
    fn note_page(&mut self, now: SystemTime) {
        if self.since_latest_page(now) >= PAUSE {
            self.count += 1;
            self.previous = self.latest_page;
        }
        self.latest_page = Some(now);
    }

    fn since_latest_page(&self, now: SystemTime) -> Duration {
        // A clock that was set back counts as no time.
        self.latest_page.map_or(Duration::MAX, |page| now.duration_since(page).unwrap_or_default())
    }
}

/// Notes that a page is shown, but only of visitors who have a session already. Whoever just looks around, such as
/// a search engine, leaves nothing in the store and gets no cookie.
pub(crate) async fn record(session: &Session<Shop>) -> session_runtime::Result<Visits> {
    let visits = session.visits().await?;
    let now = SystemTime::now();
    if session.id().is_none() || visits.since_latest_page(now) < EXACT_TO {
        return Ok(visits);
    }
    session
        .update_visits(|visits| {
            visits.note_page(now);
            visits.clone()
        })
        .await
}
