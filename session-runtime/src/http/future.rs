use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::{Response, StatusCode};
use pin_project_lite::pin_project;

use super::respond;
use crate::error::Result;
use crate::session::core::Core;
use crate::session::state::Finished;

pin_project! {
    /// The response of a service under a [`SessionLayer`](super::SessionLayer): the handler's, once its session is stored.
    pub struct ResponseFuture<F, B> {
        #[pin]
        handler: F,
        session: Open,
        // The handler's response, while its session is being stored.
        response: Option<Response<B>>,
        storing: Option<Storing>,
    }
}

/// Boxed only for a request that has something to store, in a store that waits.
type Storing = Pin<Box<dyn Future<Output = Result<Finished>> + Send>>;

/// The session of a request that was not yet answered. Dropping it abandons the session: the handler panicked or was dropped.
struct Open(Option<Arc<Core>>);

impl Open {
    fn abandon(&mut self, why: &'static str) {
        if let Some(core) = self.0.take() {
            core.abandon(why);
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.abandon("the handler was dropped or panicked");
    }
}

impl<F, B> ResponseFuture<F, B> {
    pub(super) fn new(handler: F, core: Option<Arc<Core>>) -> Self {
        Self { handler, session: Open(core), response: None, storing: None }
    }
}

impl<F, B, E> Future for ResponseFuture<F, B>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Default,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if this.storing.is_none() {
            let response = match ready!(this.handler.as_mut().poll(cx)) {
                Ok(response) => response,
                Err(error) => {
                    this.session.abandon("the service failed without a response");
                    return Poll::Ready(Err(error));
                }
            };
            let Some(core) = &this.session.0 else { return Poll::Ready(Ok(response)) };
            if core.finish_untouched() {
                this.session.0 = None;
                return Poll::Ready(Ok(response));
            }
            if let Some(finished) = finish_now(core, response.status(), cx) {
                let response = respond::stored(response, finished, core);
                this.session.0 = None;
                return Poll::Ready(Ok(response));
            }
            *this.storing = Some(store(Arc::clone(core), response.status()));
            *this.response = Some(response);
        }
        let Some(storing) = this.storing else { return Poll::Pending };
        let finished = ready!(storing.as_mut().poll(cx));
        let core = this.session.0.take();
        let (Some(response), Some(core)) = (this.response.take(), core) else {
            panic!("`ResponseFuture` polled after completion")
        };
        Poll::Ready(Ok(respond::stored(response, finished, &core)))
    }
}

/// Finishes a session that has nothing left to be stored, or whose store never waits. Should there be something else to wait
/// for, what was begun is given up here, and begun anew where it can wait.
fn finish_now(core: &Core, status: StatusCode, cx: &mut Context<'_>) -> Option<Result<Finished>> {
    if let Some(finished) = core.finish_now() {
        return Some(Ok(finished));
    }
    core.shared().store.immediate()?;
    match pin!(core.finish(status)).poll(cx) {
        Poll::Ready(finished) => Some(finished),
        Poll::Pending => None,
    }
}

fn store(core: Arc<Core>, status: StatusCode) -> Storing {
    Box::pin(async move { core.finish(status).await })
}

impl<F, B> fmt::Debug for ResponseFuture<F, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
