//! What the store needs of wherever the objects are.

use std::fmt;
use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::time::{Instant, timeout_at};

use super::format::FormatError;
use crate::pause;
use crate::record::FOREVER;

/// The most that one object may have: eight of the largest values. Neither a mistake nor a hostile writer takes all memory.
pub(super) const MAX_BYTES: usize = 64 << 20;

/// An object as it was read.
#[derive(Clone, Debug)]
pub(super) struct Object {
    pub(super) content: Bytes,
    /// What a service tells about this version of it.
    pub(super) metadata: Option<opendal::Metadata>,
}

/// Where objects are, by names with `/` between folders.
#[async_trait]
pub(super) trait Objects: fmt::Debug + Send + Sync {
    async fn get(&self, object: &str) -> Result<Option<Object>, ObjectError>;

    /// Writes the object if it is still as it was seen, where `None` means that there was none; says whether it was.
    async fn put(&self, object: &str, content: Bytes, seen: Option<&Object>) -> Result<bool, ObjectError>;

    /// Makes an object without content. That it is there already is no error.
    async fn mark(&self, object: &str) -> Result<(), ObjectError>;

    /// Deletes an object. That there is none is no error.
    async fn delete(&self, object: &str) -> Result<(), ObjectError>;

    /// The names in this folder, which ends in `/`, as do those of folders in it; at most so many, in any order.
    async fn list(&self, folder: &str, most: usize) -> Result<Vec<String>, ObjectError>;
}

/// Why something could not be done with an object.
#[derive(Debug, thiserror::Error)]
pub(super) enum ObjectError {
    #[error("no answer within {0:?}")]
    Timeout(Duration),
    #[error("other commits to the same session came first for {0:?}")]
    Contention(Duration),
    #[error(transparent)]
    Service(#[from] opendal::Error),
    #[error("{}", path.display())]
    File { path: PathBuf, source: io::Error },
    /// It was written, but may not survive a power failure.
    #[error("{}", path.display())]
    NotOnDisk { path: PathBuf, source: io::Error },
    #[error("the object `{object}`")]
    Format { object: String, source: FormatError },
    #[error("the object `{object}` has, or would have, more than {MAX_BYTES} bytes")]
    TooLarge { object: String },
    #[error("the task was cancelled: the runtime is being shut down")]
    Cancelled,
    #[error("{0}")]
    Unfit(String),
}

impl ObjectError {
    /// Whether it is certain that what was to be changed is as it was.
    pub(super) fn is_without_effect(&self) -> bool {
        match self {
            Self::Timeout(_) | Self::NotOnDisk { .. } | Self::Cancelled => false,
            // All others may be what a retry was answered, after a first try whose answer was lost.
            Self::Service(error) => {
                use opendal::ErrorKind::{ConditionNotMatch, ConfigInvalid, Unsupported};
                matches!(error.kind(), ConditionNotMatch | ConfigInvalid | Unsupported)
            }
            Self::Contention(_) | Self::File { .. } | Self::Format { .. } | Self::TooLarge { .. } | Self::Unfit(_) => {
                true
            }
        }
    }
}

/// One operation, which may take so long in all.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trip<'s> {
    objects: &'s dyn Objects,
    within: Duration,
    deadline: Instant,
}

impl<'s> Trip<'s> {
    pub(super) fn begin(objects: &'s dyn Objects, within: Duration) -> Self {
        Self { objects, within, deadline: Instant::now() + within.min(FOREVER) }
    }

    pub(super) async fn get(&self, object: &str) -> Result<Option<Object>, ObjectError> {
        self.in_time(self.objects.get(object)).await
    }

    pub(super) async fn put(&self, object: &str, content: Bytes, seen: Option<&Object>) -> Result<bool, ObjectError> {
        if content.len() > MAX_BYTES {
            return Err(ObjectError::TooLarge { object: object.to_owned() });
        }
        self.in_time(self.objects.put(object, content, seen)).await
    }

    pub(super) async fn mark(&self, object: &str) -> Result<(), ObjectError> {
        self.in_time(self.objects.mark(object)).await
    }

    pub(super) async fn delete(&self, object: &str) -> Result<(), ObjectError> {
        self.in_time(self.objects.delete(object)).await
    }

    pub(super) async fn list(&self, folder: &str, most: usize) -> Result<Vec<String>, ObjectError> {
        self.in_time(self.objects.list(folder, most)).await
    }

    /// Waits a moment after somebody else was faster for the `tries`th time, if there is time left: longer each time.
    pub(super) async fn pause(&self, tries: u32) -> Result<(), ObjectError> {
        let pause = pause::at_random(2_000 << tries.min(6));
        if Instant::now() + pause >= self.deadline {
            return Err(ObjectError::Contention(self.within));
        }
        tokio::time::sleep(pause).await;
        Ok(())
    }

    async fn in_time<T>(&self, work: impl Future<Output = Result<T, ObjectError>>) -> Result<T, ObjectError> {
        timeout_at(self.deadline, work).await.unwrap_or(Err(ObjectError::Timeout(self.within)))
    }
}
