//! Slices with parameters, and parameters that are slices.

use session_runtime::{Contains, Session, SessionData, SessionError};

#[derive(SessionData)]
#[session(prefix = "page")]
struct Page<T> {
    last: Option<T>,
    seen: Vec<T>,
}

#[derive(SessionData)]
struct Shop<T> {
    #[session(flatten)]
    page: Page<T>,
    cart: Vec<T>,
}

#[derive(SessionData)]
struct Around<S, const N: usize> {
    #[session(flatten)]
    inner: S,
    #[session(default = [N as u8; 2])]
    visits: [u8; 2],
}

#[derive(SessionData)]
struct Fixed {
    #[session(flatten)]
    page: Page<u8>,
    #[session(flatten)]
    rest: Around<Empty, 2>,
}

#[derive(SessionData)]
struct Empty {}

async fn handler(session: Session<Around<Shop<u8>, 2>>) -> Result<(), SessionError> {
    session.inner().page().set_last(1).await?;
    session.slice::<Shop<u8>>().page().update_seen(|seen| seen.push(2)).await?;
    session.set_visits([1, 2]).await
}

async fn of_any<T: SessionData + Contains<Page<u8>>>(session: Session<T>) -> Result<(), SessionError> {
    session.slice().set_last(3).await
}

fn main() {
    let _ = (handler, of_any::<Fixed>, of_any::<Shop<u8>>);
}
