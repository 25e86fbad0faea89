//! The future of every accessor but `set_…`.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::error::Result;

/// A call of an accessor on its way: await it for a `Result<R>`. Nothing happens before.
///
/// One type for all fields, and not an `async fn` for each accessor, which would have the compiler make and check a state
/// machine for every one of them.
#[must_use = "nothing happens until this is awaited"]
pub struct Call<'s, R>(Pin<Box<dyn Future<Output = Result<R>> + Send + 's>>);

impl<'s, R> Call<'s, R> {
    pub(super) fn new(call: impl Future<Output = Result<R>> + Send + 's) -> Self {
        Self(Box::pin(call))
    }
}

impl<R> Future for Call<'_, R> {
    type Output = Result<R>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx)
    }
}

impl<R> fmt::Debug for Call<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").finish_non_exhaustive()
    }
}
