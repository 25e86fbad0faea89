//! A request's sessions, among its extensions.

use std::sync::Arc;

use http::Extensions;

use crate::error::{Result, SessionError};
use crate::manager::Shared;
use crate::schema::SessionData;
use crate::session::Session;
use crate::session::core::Core;

/// The sessions of this request whose schema has slices, by the layers they are of, outermost first.
#[derive(Clone, Default)]
struct Composed(Vec<Arc<Core>>);

/// Whether an outer layer of the same manager, perhaps as another slice of its schema, has made this request's session. It
/// counts as the innermost then.
pub(super) fn has_session_of<T: SessionData>(extensions: &mut Extensions, shared: &Arc<Shared>) -> bool {
    let is_its = |core: &Arc<Core>| Arc::ptr_eq(core.shared(), shared);
    if let Some(composed) = extensions.get_mut::<Composed>() {
        if let Some(at) = composed.0.iter().position(is_its) {
            composed.0[at..].rotate_left(1);
            return true;
        }
    }
    extensions.get::<Session<T>>().is_some_and(|session| is_its(session.core()))
}

pub(super) fn insert<T: SessionData>(extensions: &mut Extensions, session: Session<T>) {
    let core = session.core();
    if core.shared().schema.is_composed() {
        extensions.get_or_insert_default::<Composed>().0.push(Arc::clone(core));
    }
    extensions.insert(session);
}

impl<T: SessionData> Session<T> {
    /// The session of a request, from its extensions: `request.extensions()`. `T` is the schema of a layer around this code,
    /// or, where there is none of exactly this schema, a slice of one; of several, the innermost counts. In axum, take
    /// `Session<T>` as an argument instead.
    ///
    /// # Errors
    /// [`Config`](SessionError::Config) where there is no such layer.
    pub fn from_extensions(extensions: &Extensions) -> Result<Self> {
        if let Some(session) = extensions.get::<Self>() {
            return Ok(session.clone());
        }
        let composed = extensions.get::<Composed>().map(|composed| composed.0.as_slice()).unwrap_or_default();
        let containing = composed.iter().rev().find(|core| core.shared().schema.contains::<T>());
        containing.map(|core| Self::new(Arc::clone(core))).ok_or_else(|| missing::<T>(composed))
    }
}

fn missing<T: SessionData>(composed: &[Arc<Core>]) -> SessionError {
    let wanted = T::SCHEMA.name();
    let others: Vec<_> = composed.iter().map(|core| format!("`{}`", core.shared().schema.name())).collect();
    let whole = if others.is_empty() { "the layer's schema".to_owned() } else { others.join(" or ") };
    SessionError::config(format!(
        "no layer gives this route a `Session<{wanted}>`: add `.layer(sessions.layer())` after the router's routes \
         and after the layers that need it, such as the CSRF layer's, \
         or a field of type `{wanted}` with `#[session(flatten)]` to {whole}"
    ))
}
