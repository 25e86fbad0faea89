//! The future of a `set`, which can be given a TTL before it is awaited.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use super::changes::Write;
use super::core::Core;
use crate::error::Result;
use crate::record::Expiry;

/// A value on its way into a field: await it. Made by `set_…` and [`Session::set`](crate::Session::set).
///
/// The value was encoded when this was made. Errors: [`Encode`](crate::SessionError::Encode) and
/// [`TooLarge`](crate::SessionError::TooLarge) for the value; where writes are stored at once, also what the store says.
#[must_use = "nothing is set until this is awaited"]
pub struct Set {
    core: Arc<Core>,
    step: Step,
}

enum Step {
    Encoded(Result<Write>),
    Storing(Pin<Box<dyn Future<Output = Result<()>> + Send>>),
    Done,
}

impl Set {
    pub(crate) fn new(core: Arc<Core>, write: Result<Write>) -> Self {
        Self { core, step: Step::Encoded(write) }
    }

    /// Lets this value end `ttl` from now, whatever the field's own TTL is.
    pub fn ttl(mut self, ttl: Duration) -> Self {
        if let Step::Encoded(Ok(write)) = &mut self.step {
            write.expiry = Expiry::After(ttl);
        }
        self
    }
}

impl Future for Set {
    type Output = Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Step::Encoded(_) = self.step {
            let Step::Encoded(write) = std::mem::replace(&mut self.step, Step::Done) else { unreachable!() };
            let Some(write) = self.core.collect(write?) else { return Poll::Ready(Ok(())) };
            let core = Arc::clone(&self.core);
            self.step = Step::Storing(Box::pin(async move { core.write_through(write).await }));
        }
        let Step::Storing(storing) = &mut self.step else { panic!("`Set` polled after completion") };
        let done = std::task::ready!(storing.as_mut().poll(cx));
        self.step = Step::Done;
        Poll::Ready(done)
    }
}

impl fmt::Debug for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Set").finish_non_exhaustive()
    }
}
