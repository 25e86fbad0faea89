use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
struct Shop<'a> {
    name: &'a str,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop<'static>>) -> Result<(), SessionError> {
    session.set_cart(vec!["apple".into()]).await
}

fn main() {}
