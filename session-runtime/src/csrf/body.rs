//! A request's body of which the beginning was read already.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum_core::body::Body;
use bytes::{Bytes, BytesMut};
use http_body::{Body as HttpBody, Frame, SizeHint};

use super::CsrfError;
use super::form::Finder;

/// Gives what was read and then the rest. What was read is one piece: of the frames that it came in each would take more room
/// than a byte.
#[derive(Debug)]
pub(super) struct Reread {
    read: BytesMut,
    /// What came after all data.
    trailers: Option<Frame<Bytes>>,
    rest: Body,
    /// Some bodies must not be asked again.
    has_ended: bool,
}

impl Reread {
    pub(super) fn new(body: Body) -> Self {
        Self { read: BytesMut::new(), trailers: None, rest: body, has_ended: false }
    }

    /// Reads on until the form's token is there, for no more than `limit` bytes.
    pub(super) async fn find_token(&mut self, limit: usize) -> Result<String, CsrfError> {
        let mut finder = Finder::default();
        let mut left = limit;
        while let Some(frame) = poll_fn(|cx| self.poll_rest(cx)).await {
            let frame = frame.map_err(|_| CsrfError::UnreadableBody)?;
            let data = match frame.into_data() {
                Ok(data) => data,
                Err(trailers) => {
                    self.trailers = Some(trailers);
                    continue;
                }
            };
            self.read.extend_from_slice(&data);
            if let Some(token) = finder.next(&data[..data.len().min(left)]) {
                return Ok(token);
            }
            left = left.checked_sub(data.len()).ok_or(CsrfError::TooLarge { limit })?;
        }
        finder.end().ok_or(CsrfError::MissingToken)
    }

    fn poll_rest(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum_core::Error>>> {
        if self.has_ended {
            return Poll::Ready(None);
        }
        let frame = ready!(Pin::new(&mut self.rest).poll_frame(cx));
        self.has_ended = frame.is_none();
        Poll::Ready(frame)
    }
}

impl HttpBody for Reread {
    type Data = Bytes;
    type Error = axum_core::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if !self.read.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut self.read).freeze()))));
        }
        match self.trailers.take() {
            Some(trailers) => Poll::Ready(Some(Ok(trailers))),
            None => self.poll_rest(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.read.is_empty() && self.trailers.is_none() && (self.has_ended || self.rest.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        let (read, rest) = (self.read.len() as u64, self.rest.size_hint());
        let mut all = SizeHint::new();
        if let Some(upper) = rest.upper() {
            all.set_upper(read + upper);
        }
        all.set_lower(read + rest.lower());
        all
    }
}
