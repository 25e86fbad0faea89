//! Typed calls on a session, by field descriptor: what accessors and `Session`'s generic calls are made of.

use std::marker::PhantomData;
use std::sync::Arc;

use super::Session;
use super::call::Call;
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

/// Takes a field's value out.
pub(crate) type Take<T, V> = for<'s> fn(&'s Handle<T>, Field<T, V>) -> Call<'s, Option<V>>;

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
    pub fn get<'s, V: 's>(&'s self, field: Field<T, V>) -> Call<'s, Option<V>> {
        Call::new(async move { self.read(&field).await })
    }

    /// The value, or the default where the field is absent.
    pub fn value<'s, V: 's>(&'s self, field: Field<T, V>) -> Call<'s, V> {
        Call::new(async move { Ok(self.read(&field).await?.unwrap_or_else(field.default())) })
    }

    /// Sets the field.
    pub fn set<V>(&self, field: Field<T, V>, value: V) -> Set {
        Set::new(Arc::clone(&self.core), field.encode(&value).map(|bytes| Write::set(field.spec(), bytes)))
    }

    /// Changes the field atomically; leaving `None` removes it.
    pub fn update<'s, V: 's, R: Send + 's>(
        &'s self,
        field: Field<T, V>,
        change: impl FnMut(&mut Option<V>) -> R + Send + 's,
    ) -> Call<'s, R> {
        Call::new(async move { self.change(&field, change).await })
    }

    /// Changes the field atomically, starting from the default where it is absent.
    pub fn update_value<'s, V: 's, R: Send + 's>(
        &'s self,
        field: Field<T, V>,
        mut change: impl FnMut(&mut V) -> R + Send + 's,
    ) -> Call<'s, R> {
        let default = field.default();
        self.update(field, move |slot| change(slot.get_or_insert_with(default)))
    }

    /// Takes the value out, atomically.
    pub fn take<V>(&self, field: Field<T, V>) -> Call<'_, Option<V>> {
        field.take()(self, field)
    }

    pub(crate) fn taken<V: Send + 'static>(&self, field: Field<T, V>) -> Call<'_, Option<V>> {
        self.update(field, Option::take)
    }

    /// Removes the field.
    pub fn remove<V>(&self, field: Field<T, V>) -> Call<'_, ()> {
        Call::new(self.core.write(Write::remove(field.spec())))
    }

    /// Whether the field is there.
    pub fn has<V>(&self, field: Field<T, V>) -> Call<'_, bool> {
        let spec = *field.spec();
        Call::new(async move { self.core.has(&spec).await })
    }

    pub(super) async fn read<V>(&self, field: &Field<T, V>) -> Result<Option<V>> {
        match self.core.read(field.spec()).await? {
            Some(bytes) => field.decode(&bytes),
            None => Ok(None),
        }
    }

    pub(super) async fn change<V, R>(
        &self,
        field: &Field<T, V>,
        mut change: impl FnMut(&mut Option<V>) -> R + Send,
    ) -> Result<R> {
        let mut result = None;
        let change_bytes = |bytes: Option<&Arc<[u8]>>| {
            let mut value = bytes.map_or(Ok(None), |bytes| field.decode(bytes))?;
            result = Some(change(&mut value));
            value.map(|value| field.encode(&value)).transpose()
        };
        self.core.update(field.spec(), change_bytes).await?;
        // The closure ran at least once, or `update` returned an error.
        result.ok_or(SessionError::Gone)
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

/// All fields of a session at one moment, still encoded. Reading them can't fail: of a schema with many fields, an early
/// return for each of them would be most of its code. The first error is kept here.
#[derive(Debug)]
pub struct Snapshot {
    fields: Vec<(&'static str, Option<Arc<[u8]>>)>,
    error: Option<SessionError>,
}

impl Snapshot {
    /// Makes the schema's struct of these fields.
    pub(crate) fn read<T: SessionData>(fields: Vec<(&'static str, Option<Arc<[u8]>>)>) -> Result<T> {
        let mut snapshot = Self { fields, error: None };
        let data = T::from_snapshot(&mut snapshot);
        snapshot.error.map_or(Ok(data), Err)
    }

    /// The value, if the field is there.
    pub fn get<T, V>(&mut self, field: Field<T, V>) -> Option<V> {
        let bytes = self.fields.iter().find(|(key, _)| *key == field.key()).and_then(|(_, bytes)| bytes.as_ref())?;
        match field.decode(bytes) {
            Ok(value) => value,
            Err(error) => {
                self.error.get_or_insert(error);
                None
            }
        }
    }

    /// The value, or the default where the field is absent.
    pub fn value<T, V>(&mut self, field: Field<T, V>) -> V {
        self.get(field).unwrap_or_else(field.default())
    }
}
