//! What the scripts answer, taken apart.

use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::vec;

use redis::{FromRedisValue as _, Value};

use super::CallError;
use super::arguments::Entered;
use crate::record::{Ending, Entry, Epoch, Meta, Outcome, Previous, PreviousKind, Record, Revision};
use crate::token::{SecretHash, SessionId};

type Text = Vec<u8>;

/// Index entries by name.
pub(super) type Entries = Vec<(String, Entered)>;

/// What a commit has done to the index entries, where it has anything to do with them.
pub(super) struct Committed {
    pub(super) meta: Meta,
    pub(super) before: Entries,
    pub(super) after: Entries,
}

type Answer<T> = Result<T, CallError>;

/// What a load of so many fields answers: a text, and large fields after it.
pub(super) fn record(answer: Option<Vec<Value>>, selected: usize) -> Answer<Option<Record>> {
    let Some(answer) = answer else { return Ok(None) };
    let mut large = answer.into_iter();
    let text: Text = next(&mut large)?;
    let mut parts = Parts(&text);
    let [length] = parts.take()?;
    let (now, meta) = meta(parts.slice(length.into())?)?;
    let fields = (0..selected).map(|_| selected_entry(&mut parts, &mut large)).collect::<Answer<_>>()?;
    Ok(Some(Record { meta: meta.into(), fields, now }))
}

fn selected_entry(parts: &mut Parts<'_>, large: &mut vec::IntoIter<Value>) -> Answer<Option<Entry>> {
    match parts.take()? {
        [0] => Ok(None),
        [1] => {
            let length = u32::from_be_bytes(parts.take()?);
            entry(parts.slice(length as usize)?).map(Some)
        }
        [2] => Ok(Some(Entry {
            revision: Revision::from_bytes(parts.take()?),
            expires: parts.optional_time()?,
            value: None,
        })),
        [3] => entry(&next::<Text>(large)?).map(Some),
        _ => Err(CallError::Format("an unknown kind of field")),
    }
}

pub(super) fn outcome(answer: Value) -> Answer<(Outcome, Option<Committed>)> {
    let answer = match answer {
        Value::BulkString(text) => {
            let (now, meta) = meta(&text)?;
            return Ok((Outcome::Applied { meta: meta.into(), now }, None));
        }
        answer => Vec::<Value>::from_redis_value(answer).map_err(|_| CallError::Format("another kind of answer"))?,
    };
    let mut answer = answer.into_iter();
    let status: Text = next(&mut answer)?;
    let refused = |outcome| Ok((outcome, None));
    match &*status {
        b"applied" => {
            let (now, meta) = meta(&next::<Text>(&mut answer)?)?;
            let committed = committed(&meta, &mut answer)?;
            Ok((Outcome::Applied { meta: meta.into(), now }, Some(committed)))
        }
        b"conflict" => refused(Outcome::Conflict(entries(next::<Vec<Value>>(&mut answer)?.into_iter())?)),
        b"gone" => refused(Outcome::Gone),
        b"superseded" => refused(Outcome::Superseded),
        b"reused" => refused(Outcome::Reused),
        _ => Err(CallError::Format("an unknown outcome")),
    }
}

fn committed(meta: &Meta, answer: &mut vec::IntoIter<Value>) -> Answer<Committed> {
    let (before, after) = (index_entries(next(answer)?)?, index_entries(next(answer)?)?);
    Ok(Committed { meta: meta.clone(), before, after })
}

pub(super) fn ending(answer: Vec<Value>) -> Answer<(Ending, Entries)> {
    let mut answer = answer.into_iter();
    let status: Text = next(&mut answer)?;
    match &*status {
        b"destroyed" => Ok((Ending::Destroyed, index_entries(next(&mut answer)?)?)),
        b"superseded" => Ok((Ending::Superseded, Vec::new())),
        b"reused" => Ok((Ending::Reused, Vec::new())),
        b"gone" => Ok((Ending::Gone, Vec::new())),
        _ => Err(CallError::Format("an unknown ending")),
    }
}

/// A session in an index; of one there may be several.
pub(super) struct Found {
    pub(super) id: SessionId,
    /// Which write has entered it.
    pub(super) by: Revision,
    pub(super) standing: Standing,
}

/// What is known of the commit that has entered a session.
pub(super) enum Standing {
    /// It was applied.
    Settled,
    /// It may be under way.
    New,
    /// It is over, and nobody was told how it ended.
    Old,
}

pub(super) fn found(answer: Vec<Text>) -> Answer<Vec<Found>> {
    let found = answer.chunks_exact(2).map(|pair| {
        let mut member = Parts(&pair[0]);
        Ok(Found {
            id: SessionId::from_bytes(member.take()?),
            by: Revision::from_bytes(member.take()?),
            standing: match &*text(&pair[1])? {
                "settled" => Standing::Settled,
                "new" => Standing::New,
                "old" => Standing::Old,
                _ => return Err(CallError::Format("an entry of another standing")),
            },
        })
    });
    found.collect()
}

fn next<T: redis::FromRedisValue>(answer: &mut impl Iterator<Item = Value>) -> Answer<T> {
    let value = answer.next().ok_or(CallError::Format("too short an answer"))?;
    T::from_redis_value(value).map_err(|_| CallError::Format("another kind of answer"))
}

fn index_entries(flat: Vec<Text>) -> Answer<Entries> {
    flat.chunks_exact(2).map(|pair| Ok((text(&pair[0])?, entered(&pair[1])?))).collect()
}

fn entered(stored: &[u8]) -> Answer<Entered> {
    let mut parts = Parts(stored);
    Ok(Entered { by: Revision::from_bytes(parts.take()?), value: text(parts.0)? })
}

fn text(bytes: &[u8]) -> Answer<String> {
    String::from_utf8(bytes.to_vec()).map_err(|_| CallError::Format("no text"))
}

fn entries(fields: vec::IntoIter<Value>) -> Answer<Vec<Option<Entry>>> {
    let fields = fields.map(|field| match field {
        Value::Nil => Ok(None),
        Value::BulkString(field) => entry(&field).map(Some),
        _ => Err(CallError::Format("another kind of answer")),
    });
    fields.collect()
}

/// The revision, the expiry, whether the value follows, and the value.
fn entry(field: &[u8]) -> Answer<Entry> {
    let mut parts = Parts(field);
    let (revision, expires, follows) =
        (Revision::from_bytes(parts.take()?), parts.optional_time()?, parts.take::<1>()?);
    let value = (follows == [1]).then(|| parts.0.into());
    Ok(Entry { value, revision, expires })
}

/// The time, the secret, the times, and the secret before if there was one.
fn meta(text: &[u8]) -> Answer<(SystemTime, Meta)> {
    let mut parts = Parts(text);
    let now = parts.time()?;
    let (secret_hash, secret_since, epoch) = (parts.take()?, parts.time()?, parts.take()?);
    let meta = Meta {
        secret_hash: SecretHash::from_bytes(secret_hash),
        secret_since,
        epoch: Epoch::from_bytes(epoch),
        created: parts.time()?,
        idle_deadline: parts.time()?,
        absolute_deadline: parts.time()?,
        authenticated: parts.optional_time()?,
        persistent: parts.take::<1>()? == [1],
        previous: previous(parts.0)?,
    };
    Ok((now, meta))
}

fn previous(text: &[u8]) -> Answer<Option<Previous>> {
    if text.is_empty() {
        return Ok(None);
    }
    let mut parts = Parts(text);
    let kind = match parts.take::<1>()? {
        [1] => PreviousKind::Renewed,
        [2] => PreviousKind::Superseded,
        _ => return Err(CallError::Format("an unknown kind of secret")),
    };
    Ok(Some(Previous { kind, hash: SecretHash::from_bytes(parts.take()?), until: parts.optional_time()? }))
}

fn time(micros: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_micros(micros)
}

/// A text whose parts follow each other.
struct Parts<'t>(&'t [u8]);

impl<'t> Parts<'t> {
    fn slice(&mut self, length: usize) -> Answer<&'t [u8]> {
        let (part, rest) = self.0.split_at_checked(length).ok_or(CallError::Format("too short a text"))?;
        self.0 = rest;
        Ok(part)
    }

    fn take<const N: usize>(&mut self) -> Answer<[u8; N]> {
        let (part, rest) = self.0.split_first_chunk().ok_or(CallError::Format("too short a text"))?;
        self.0 = rest;
        Ok(*part)
    }

    fn time(&mut self) -> Answer<SystemTime> {
        Ok(time(u64::from_be_bytes(self.take()?)))
    }

    /// Where zero is none.
    fn optional_time(&mut self) -> Answer<Option<SystemTime>> {
        let micros = u64::from_be_bytes(self.take()?);
        Ok((micros > 0).then(|| time(micros)))
    }
}
