#![deny(unused_must_use)]

use session_runtime::{Session, SessionData};

#[derive(SessionData)]
struct Shop {
    user: Option<u64>,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) {
    session.set_user(7).await;
}

fn main() {}
