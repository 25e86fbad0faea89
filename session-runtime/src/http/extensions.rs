//! A request's sessions, among its extensions.

use std::sync::Arc;

use http::Extensions;

use crate::error::{Result, SessionError};
use crate::schema::SessionData;
use crate::session::Session;
use crate::session::core::Core;

/// The sessions of this request whose schema has slices, by the layers they are of, outermost first.
#[derive(Clone, Default)]
struct Composed(Vec<Arc<Core>>);

pub(super) fn insert<T: SessionData>(extensions: &mut Extensions, session: Session<T>) {
    let core = session.core();
    if core.shared().schema.is_composed() {
        extensions.get_or_insert_default::<Composed>().0.push(Arc::clone(core));
    }
    extensions.insert(session);
}

impl<T: SessionData> Session<T> {
    /// The session of a request, from its extensions: `request.extensions()`. `T` is the schema of a layer around this code,
    /// or a slice of one; of several, the innermost counts. In axum, take `Session<T>` as an argument instead.
    ///
    /// # Errors
    /// [`Config`](SessionError::Config) where there is no such layer, naming those that there are.
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
    let slice = match others.is_empty() {
        true => String::new(),
        false => format!(", or add it to {} with `#[session(flatten)]`", others.join(" or ")),
    };
    SessionError::config(format!(
        "no layer gives this route a `Session<{wanted}>`: add `.layer(sessions.layer())` after the router's routes{slice}"
    ))
}
