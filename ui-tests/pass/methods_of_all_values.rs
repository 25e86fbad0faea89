//! A trait of the user's that gives every value methods: they come before those that take a reference.

use session_runtime::{Session, SessionData, SessionError};

trait Ext: Sized {
    fn get(self, _: u8) {}
    fn value(self, _: u8) {}
    fn set(self, _: u8) {}
    fn update(self, _: u8) {}
    fn update_value(self, _: u8) {}
    fn take(self, _: u8) {}
    fn remove(self, _: u8) {}
    fn has(self, _: u8) {}
    fn part(self) {}
    fn slice(self) {}
    fn clone(self) {}
    fn fmt(self) {}
    fn deref(self) {}
    fn aliases(self) {}
    fn ttl(self) {}
    fn lazy(self) {}
    fn rotate(self) {}
    fn json(self) {}
    fn version(self) {}
    fn default_on_mismatch(self) {}
    fn migrated(self) {}
    fn indexed(self) {}
    fn from(self) {}
    fn upgrade(self) {}
}

impl<T> Ext for T {}

#[derive(SessionData)]
struct Auth {
    #[session(index, rotate)]
    user: Option<u64>,
}

#[derive(SessionData)]
struct Shop {
    #[session(flatten)]
    auth: Auth,
    #[session(version = 2, migrate(String => |item| vec![item]))]
    cart: Vec<String>,
    #[session(default = 3, ttl = "1h", lazy, codec = "json", alias = "number", on_mismatch = "default")]
    count: u8,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.auth().set_user(7).await?;
    session.update_cart(|cart| cart.push("apple".into())).await?;
    session.set_count(3).await
}

fn main() {
    let _ = handler;
}
