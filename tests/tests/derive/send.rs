//! Every future may move between threads, with all that it borrows: checked when this compiles.

use std::time::Duration;

use session_runtime::{Session, SessionData};

#[derive(SessionData)]
struct Shop {
    user: Option<u64>,
    cart: Vec<String>,
    #[session(lazy)]
    history: Vec<u32>,
}

#[derive(SessionData)]
struct Generic<T> {
    last: Option<T>,
    cart: Vec<T>,
}

fn is_send<T: Send>(_: T) {}
fn is_send_and_sync<T: Send + Sync + Clone + std::fmt::Debug + 'static>() {}

#[allow(dead_code)]
fn accessors(session: &Session<Shop>) {
    is_send(session.user());
    is_send(session.set_user(7));
    is_send(session.set_user(7).ttl(Duration::from_secs(1)));
    is_send(session.update_user(|user| user.take()));
    is_send(session.take_user());
    is_send(session.remove_user());
    is_send(session.has_user());
    is_send(session.cart());
    is_send(session.set_cart(Vec::new()));
    is_send(session.update_cart(|cart| cart.push(String::new())));
    is_send(session.take_cart());
    is_send(session.remove_cart());
    is_send(session.has_cart());
    is_send(session.history());
}

#[allow(dead_code)]
fn generic_calls(session: &Session<Shop>) {
    is_send(session.get(&Shop::CART));
    is_send(session.set(&Shop::CART, Vec::new()));
    is_send(session.update(&Shop::CART, |cart| cart.take()));
    is_send(session.take(&Shop::CART));
    is_send(session.remove(&Shop::CART));
    is_send(session.has(&Shop::CART));
    is_send(session.keys());
    is_send(session.snapshot());
    is_send(session.regenerate());
    is_send(session.destroy());
    is_send(session.commit());
    is_send(session.remember(Duration::from_secs(1)));
}

#[allow(dead_code)]
fn of_any_type<T>(session: &Session<Generic<T>>)
where
    T: serde::Serialize + serde::de::DeserializeOwned + Send + Sync + 'static,
{
    is_send(session.last());
    is_send(session.take_last());
    is_send(session.update_cart(|cart| cart.clear()));
    is_send(session.snapshot());
}

#[test]
fn sessions_are_shared_between_threads() {
    is_send_and_sync::<Session<Shop>>();
    is_send_and_sync::<Session<Generic<u8>>>();
    is_send_and_sync::<ShopAccessors>();
    is_send_and_sync::<session_runtime::Field<Shop, std::cell::Cell<u8>>>();
}
