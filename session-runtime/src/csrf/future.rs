use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::Response;
use pin_project_lite::pin_project;

use super::CsrfError;

pin_project! {
    /// The response of a service under a [`CsrfLayer`](super::CsrfLayer): the handler's, or a refusal.
    pub struct CsrfFuture<F>
    where
        F: Future,
    {
        #[pin]
        step: Step<F>,
    }
}

pin_project! {
    #[project = StepProjection]
    enum Step<F>
    where
        F: Future,
    {
        Handler { #[pin] handler: F },
        Refused { answer: Option<F::Output> },
        // Boxed only for a request whose token is looked for.
        Checking { answer: Pin<Box<dyn Future<Output = F::Output> + Send>> },
    }
}

impl<F: Future> CsrfFuture<F> {
    pub(super) fn handler(handler: F) -> Self {
        Self { step: Step::Handler { handler } }
    }

    #[cfg(feature = "axum")]
    pub(super) fn checking(answer: impl Future<Output = F::Output> + Send + 'static) -> Self {
        Self { step: Step::Checking { answer: Box::pin(answer) } }
    }
}

impl<F, B, E> CsrfFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Default,
{
    pub(super) fn refused(error: CsrfError) -> Self {
        Self { step: Step::Refused { answer: Some(Ok(refusal(error))) } }
    }
}

/// A response that tells the visitor nothing, and an outer layer why.
pub(super) fn refusal<B: Default>(error: CsrfError) -> Response<B> {
    let mut response = Response::new(B::default());
    *response.status_mut() = error.status();
    response.extensions_mut().insert(error);
    response
}

impl<F: Future> Future for CsrfFuture<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().step.project() {
            StepProjection::Handler { handler } => handler.poll(cx),
            StepProjection::Refused { answer } => {
                Poll::Ready(answer.take().expect("`CsrfFuture` polled after completion"))
            }
            StepProjection::Checking { answer } => answer.as_mut().poll(cx),
        }
    }
}

impl<F: Future> fmt::Debug for CsrfFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CsrfFuture").finish_non_exhaustive()
    }
}
