use session_runtime::{Contains, Session, SessionData};

#[derive(SessionData)]
struct Auth {
    user: Option<u64>,
}

#[derive(SessionData)]
struct Shop {
    cart: Vec<String>,
}

fn sign_in<T: SessionData + Contains<Auth>>(session: &Session<T>) {
    let _ = session.slice().set_user(7);
}

fn handler(session: Session<Shop>) {
    sign_in(&session);
}

fn main() {}
