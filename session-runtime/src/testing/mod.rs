//! For tests (feature `testing`): a clock that is moved by hand, a store that fails on demand, and the suite that every
//! [`Store`](crate::Store) must pass.
//!
//! ```
//! use std::time::Duration;
//! use session_runtime::testing::ManualClock;
//! use session_runtime::{MemoryStore, SessionData, SessionManager};
//!
//! #[derive(SessionData)]
//! struct Shop {
//!     cart: Vec<String>,
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> session_runtime::Result<()> {
//! let clock = ManualClock::new();
//! let sessions = SessionManager::<Shop>::builder(MemoryStore::new()).clock(&clock).build()?;
//! let session = sessions.start();
//! session.set_cart(vec!["tea".into()]).await?;
//! let token = session.token().expect("the session was stored");
//!
//! clock.advance(Duration::from_secs(2 * 60 * 60));
//! assert!(sessions.open(&token).await?.is_none(), "a token that does not come back within the hour opens nothing");
//! # Ok(())
//! # }
//! ```

mod clock;
pub mod conformance;
mod faults;

pub use clock::ManualClock;
pub use conformance::store_conformance;
pub use faults::{Fault, FaultyStore, Operation};
