//! A map of structs behind a lock. It does less than any library must: no deadlines, no layer, no lock of each session's own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use super::{Data, Failed, Found, Sessions};
use crate::apps::{App, service};
use crate::sample::Item;

/// The application in this process.
pub(crate) fn in_process() -> Box<dyn App> {
    service::app(async { super::routes(Memory::default()) })
}

/// The sessions.
#[derive(Clone, Default)]
pub(crate) struct Memory(Arc<Mutex<HashMap<String, Data>>>);

impl Memory {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Data>> {
        self.0.lock().expect("nothing panics with the lock")
    }

    fn with<R>(&self, token: &str, make: impl FnOnce(&mut Data) -> R) -> Found<R> {
        self.lock().get_mut(token).map(make).ok_or(Failed::Stranger)
    }

    fn insert(&self, data: Data) -> String {
        let token = format!("{:032x}", super::random());
        self.lock().insert(token.clone(), data);
        token
    }
}

impl Sessions for Memory {
    async fn read(&self, token: &str) -> Found<u64> {
        self.with(token, |data| data.counter)
    }

    async fn set(&self, token: &str, counter: u64) -> Found<()> {
        self.with(token, |data| data.counter = counter)
    }

    async fn update(&self, token: &str) -> Found<u64> {
        self.with(token, |data| {
            data.counter += 1;
            data.counter
        })
    }

    async fn login(&self, token: &str, user: u64) -> Found<String> {
        let data = self.lock().remove(token).ok_or(Failed::Stranger)?;
        Ok(self.insert(Data { user: Some(user), ..data }))
    }

    async fn begin(&self, data: Data) -> Found<String> {
        Ok(self.insert(data))
    }

    async fn all(&self, token: &str) -> Found<(Option<u64>, u64, Vec<Item>)> {
        // A copy, as a library gives one.
        self.with(token, |data| (data.user, data.counter, data.cart.clone()))
    }

    async fn set_note(&self, token: &str, note: String) -> Found<()> {
        self.with(token, |data| data.note = note)
    }

    async fn read_note(&self, token: &str) -> Found<String> {
        self.with(token, |data| data.note.clone())
    }
}
