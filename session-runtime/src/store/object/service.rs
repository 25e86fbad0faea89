//! Objects in a service, by way of OpenDAL.

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::TryStreamExt as _;
use opendal::options::{ListOptions, WriteOptions};
use opendal::{Buffer, ErrorKind, Operator};

use super::objects::{MAX_BYTES, Object, ObjectError, Objects};
use crate::token::{self, SessionId};

#[derive(Clone, Debug)]
pub(super) struct Service {
    operator: Operator,
    writes: Writes,
}

/// What a write over another depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Writes {
    /// That nobody else has written since it was seen.
    IfUnchanged,
    /// Nothing.
    LastWins,
}

impl Service {
    /// In a service whose writes can depend on what is there: one that says so, and does so.
    pub(super) async fn new(operator: Operator) -> Result<Self, ObjectError> {
        let capability = operator.info().capability();
        if !(capability.write_with_if_match || capability.write_with_if_version_match) {
            return Err(unfit(&operator, "can't write on the condition that an object is unchanged"));
        }
        if !capability.write_with_if_not_exists {
            return Err(unfit(&operator, "can't write on the condition that there is no object"));
        }
        let service = Self { operator, writes: Writes::IfUnchanged };
        service.try_conditions().await?;
        Ok(service)
    }

    /// In any service.
    pub(super) fn last_write_wins(operator: Operator) -> Self {
        Self { operator, writes: Writes::LastWins }
    }

    /// Many a service that speaks a protocol does not know all of it, and takes a condition that it does not know for none.
    async fn try_conditions(&self) -> Result<(), ObjectError> {
        let object = format!("probe/{}", SessionId::from_bytes(token::random()));
        let tried = self.try_conditions_on(&object).await;
        let deleted = self.delete(&object).await;
        tried.and(deleted)
    }

    async fn try_conditions_on(&self, object: &str) -> Result<(), ObjectError> {
        let made = (self.put(object, "1".into(), None).await?, self.put(object, "2".into(), None).await?);
        let seen = self.get(object).await?;
        let replaced =
            (self.put(object, "3".into(), seen.as_ref()).await?, self.put(object, "4".into(), seen.as_ref()).await?);
        match (made, replaced) {
            ((true, false), (true, false)) => Ok(()),
            _ => Err(unfit(&self.operator, "writes on conditions, it says, but does not heed them")),
        }
    }

    fn conditions(&self, seen: Option<&Object>) -> WriteOptions {
        let mut options = WriteOptions::default();
        match (seen, self.writes) {
            (None, Writes::IfUnchanged) => options.if_not_exists = true,
            (None, Writes::LastWins) => {
                options.if_not_exists = self.operator.info().capability().write_with_if_not_exists
            }
            (Some(seen), Writes::IfUnchanged) => options.if_not_changed = seen.metadata.clone(),
            (Some(_), Writes::LastWins) => {}
        }
        options
    }
}

fn unfit(operator: &Operator, why: &str) -> ObjectError {
    ObjectError::Unfit(format!(
        "the service `{}` {why}: sessions would lose what is written to them at the same time. Use another, or, where that \
         may be, `ObjectStore::last_write_wins`",
        operator.info().scheme()
    ))
}

#[async_trait]
impl Objects for Service {
    async fn get(&self, object: &str) -> Result<Option<Object>, ObjectError> {
        let mut stream = self.operator.reader(object).await?.into_stream(..).await?;
        let metadata = match stream.metadata().await {
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            // Where nothing depends on it.
            Err(error) if error.kind() == ErrorKind::Unsupported && self.writes == Writes::LastWins => None,
            Err(error) => return Err(error.into()),
        };
        let (mut parts, mut size) = (Vec::new(), 0);
        loop {
            let part = match stream.try_next().await {
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
                part => part?,
            };
            let Some(part) = part else { break };
            size += part.len();
            if size > MAX_BYTES {
                return Err(ObjectError::TooLarge { object: object.to_owned() });
            }
            parts.push(part);
        }
        let content = parts.into_iter().flatten().collect::<Buffer>().to_bytes();
        Ok(Some(Object { content, metadata }))
    }

    async fn put(&self, object: &str, content: Bytes, seen: Option<&Object>) -> Result<bool, ObjectError> {
        match self.operator.write_options(object, content, self.conditions(seen)).await {
            Ok(_) => Ok(true),
            // A `Conflict` is with a write that is under way.
            Err(error) if matches!(error.kind(), ErrorKind::ConditionNotMatch | ErrorKind::Conflict) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    async fn mark(&self, object: &str) -> Result<(), ObjectError> {
        // A byte: there are services that take no object without one.
        self.operator.write(object, "1").await?;
        Ok(())
    }

    async fn delete(&self, object: &str) -> Result<(), ObjectError> {
        Ok(self.operator.delete(object).await?)
    }

    async fn list(&self, folder: &str, most: usize) -> Result<Vec<String>, ObjectError> {
        let options = ListOptions { limit: Some(most.min(1000)), ..ListOptions::default() };
        let mut entries = self.operator.lister_options(folder, options).await?;
        let mut names = Vec::new();
        while names.len() < most {
            let entry = match entries.try_next().await {
                Err(error) if error.kind() == ErrorKind::NotFound => break,
                entry => entry?,
            };
            let Some(entry) = entry else { break };
            // Some services list the folder itself.
            if entry.path() != folder {
                names.push(entry.name().to_owned());
            }
        }
        Ok(names)
    }
}
