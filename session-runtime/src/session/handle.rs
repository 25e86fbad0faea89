//! Typed calls on a session, by field descriptor: what accessors and `Session`'s generic calls are made of.

use std::marker::PhantomData;
use std::sync::Arc;

use bytes::Bytes;

use super::Session;
use super::changes::Write;
use super::core::Core;
use super::set::Set;
use crate::error::{Result, SessionError};
use crate::schema::{Contains, Field, SessionData};

/// A handle to a session whose data is `T`; all clones share one state.
pub struct Handle<T> {
    pub(crate) core: Arc<Core>,
    schema: PhantomData<fn() -> T>,
}

impl<T> Handle<T> {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core, schema: PhantomData }
    }

    /// The same session, as its slice knows it.
    pub fn slice<S: SessionData>(&self) -> Session<S>
    where
        T: Contains<S>,
    {
        Session::new(Arc::clone(&self.core))
    }

    /// The value, if the field is there.
    pub async fn get<V>(&self, field: &Field<T, V>) -> Result<Option<V>> {
        match self.core.read(field.spec()).await? {
            Some(bytes) => field.decode(&bytes),
            None => Ok(None),
        }
    }

    /// The value, or the default where the field is absent.
    pub async fn value<V>(&self, field: &Field<T, V>, default: fn() -> V) -> Result<V> {
        Ok(self.get(field).await?.unwrap_or_else(default))
    }

    /// Sets the field.
    pub fn set<V>(&self, field: &Field<T, V>, value: V) -> Set {
        Set::new(Arc::clone(&self.core), field.encode(&value).map(|bytes| Write::set(field.spec(), bytes)))
    }

    /// Changes the field atomically; leaving `None` removes it.
    pub async fn update<V, R>(
        &self,
        field: &Field<T, V>,
        mut change: impl FnMut(&mut Option<V>) -> R + Send,
    ) -> Result<R> {
        let mut result = None;
        let change_bytes = |bytes: Option<&Bytes>| {
            let mut value = bytes.map_or(Ok(None), |bytes| field.decode(bytes))?;
            result = Some(change(&mut value));
            value.map(|value| field.encode(&value)).transpose()
        };
        self.core.update(field.spec(), change_bytes).await?;
        // The closure ran at least once, or `update` returned an error.
        result.ok_or(SessionError::Gone)
    }

    /// Changes the field atomically, starting from the default where it is absent.
    pub async fn update_value<V, R>(
        &self,
        field: &Field<T, V>,
        default: fn() -> V,
        mut change: impl FnMut(&mut V) -> R + Send,
    ) -> Result<R> {
        self.update(field, |slot| change(slot.get_or_insert_with(default))).await
    }

    /// Takes the value out, atomically.
    pub async fn take<V>(&self, field: &Field<T, V>) -> Result<Option<V>> {
        self.update(field, Option::take).await
    }

    /// Removes the field.
    pub async fn remove<V>(&self, field: &Field<T, V>) -> Result<()> {
        self.core.write(Write::remove(field.spec())).await
    }

    /// Whether the field is there.
    pub async fn has<V>(&self, field: &Field<T, V>) -> Result<bool> {
        self.core.has(field.spec()).await
    }
}

impl<T> Clone for Handle<T> {
    fn clone(&self) -> Self {
        Self { core: Arc::clone(&self.core), schema: PhantomData }
    }
}

impl<T> std::fmt::Debug for Handle<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.core.fmt(f)
    }
}

/// All fields of a session at one moment, still encoded.
#[derive(Debug)]
pub struct Snapshot(pub(crate) Vec<(&'static str, Option<Bytes>)>);

impl Snapshot {
    /// The value, if the field is there.
    pub fn get<T, V>(&self, field: &Field<T, V>) -> Result<Option<V>> {
        let bytes = self.0.iter().find(|(key, _)| *key == field.key()).and_then(|(_, bytes)| bytes.as_ref());
        bytes.map_or(Ok(None), |bytes| field.decode(bytes))
    }

    /// The value, or the default where the field is absent.
    pub fn value<T, V>(&self, field: &Field<T, V>, default: fn() -> V) -> Result<V> {
        Ok(self.get(field)?.unwrap_or_else(default))
    }
}
