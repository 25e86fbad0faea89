//! The bytes of a session's object.
//!
//! `SES`, the format's version, the first 8 bytes of the SHA-256 of the rest, and the rest: numbers as big-endian, times as
//! seconds and nanoseconds since 1970, texts and bytes after their length, lists after theirs. What is read is never larger
//! in memory than its bytes by more than a constant factor.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::{Buf as _, BufMut as _, Bytes};
use sha2::{Digest as _, Sha256};

use super::entries::Entry as IndexEntry;
use super::names::Mark;
use crate::record::{Entry, Epoch, Meta, Previous, PreviousKind, Revision};
use crate::store::apply::WholeRecord;
use crate::token::SecretHash;

/// What the object of a session says.
#[derive(Clone, Debug)]
pub(super) enum Stored {
    Live(Box<Held>),
    Ended(Ended),
}

/// A session, and the entries in indexes that it has: one for each of the record's.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) record: WholeRecord,
    pub(super) entries: Vec<IndexEntry>,
}

/// A session that was destroyed or has expired: nothing is written there any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ended {
    /// Which call ended it.
    pub(super) by: [u8; 8],
}

/// Why bytes are not what was written.
#[derive(Debug, thiserror::Error)]
pub(super) enum FormatError {
    #[error("not a session's object, or its beginning is damaged")]
    Unknown,
    #[error("format {0}; this program knows {VERSION}: update it")]
    Version(u8),
    #[error("damaged: its bytes are not those that were written")]
    Damaged,
}

const MAGIC: &[u8; 3] = b"SES";
const VERSION: u8 = 1;
const CHECK: usize = 8;
const HEAD: usize = MAGIC.len() + 1 + CHECK;

const LIVE: u8 = 1;
const ENDED: u8 = 2;

impl Held {
    pub(super) fn encode(&self) -> Bytes {
        encoded(LIVE, |bytes| put_held(bytes, self))
    }
}

impl Ended {
    pub(super) fn encode(&self) -> Bytes {
        encoded(ENDED, |bytes| bytes.put_slice(&self.by))
    }
}

impl Stored {
    pub(super) fn decode(mut bytes: Bytes) -> Result<Self, FormatError> {
        if bytes.len() < HEAD || !bytes.starts_with(MAGIC) {
            return Err(FormatError::Unknown);
        }
        match bytes[MAGIC.len()] {
            VERSION => {}
            other => return Err(FormatError::Version(other)),
        }
        let head = bytes.split_to(HEAD);
        if head[HEAD - CHECK..] != check(&bytes) {
            return Err(FormatError::Damaged);
        }
        let mut rest = Reader(bytes);
        let stored = match rest.byte()? {
            LIVE => Self::Live(Box::new(rest.held()?)),
            ENDED => Self::Ended(Ended { by: rest.array()? }),
            _ => return Err(FormatError::Damaged),
        };
        if rest.0.is_empty() { Ok(stored) } else { Err(FormatError::Damaged) }
    }
}

fn encoded(kind: u8, put: impl FnOnce(&mut Vec<u8>)) -> Bytes {
    let mut bytes = [MAGIC.as_slice(), &[VERSION], &[0; CHECK], &[kind]].concat();
    put(&mut bytes);
    let check = check(&bytes[HEAD..]);
    bytes[HEAD - CHECK..HEAD].copy_from_slice(&check);
    bytes.into()
}

fn check(bytes: &[u8]) -> [u8; CHECK] {
    let hash: [u8; 32] = Sha256::digest(bytes).into();
    let mut check = [0; CHECK];
    check.copy_from_slice(&hash[..CHECK]);
    check
}

fn put_held(bytes: &mut Vec<u8>, held: &Held) {
    let WholeRecord { meta, fields, overwritten, .. } = &held.record;
    put_meta(bytes, meta);
    put_length(bytes, fields.len());
    for (key, Entry { value, revision, expires }) in fields {
        put_bytes(bytes, key.as_bytes());
        bytes.put_slice(revision.as_bytes());
        put_option(bytes, expires.as_ref(), |bytes, time| put_time(bytes, *time));
        put_option(bytes, value.as_ref(), |bytes, value| put_bytes(bytes, value));
    }
    put_length(bytes, held.entries.len());
    for IndexEntry { index, value, mark } in &held.entries {
        put_bytes(bytes, index.as_bytes());
        put_bytes(bytes, value.as_bytes());
        bytes.put_u64(mark.time);
        bytes.put_slice(&mark.random);
    }
    put_overwritten(bytes, overwritten);
}

/// Last, and nothing where there are none.
fn put_overwritten(bytes: &mut Vec<u8>, overwritten: &[(Box<str>, Vec<Revision>)]) {
    if overwritten.is_empty() {
        return;
    }
    put_length(bytes, overwritten.len());
    for (key, revisions) in overwritten {
        put_bytes(bytes, key.as_bytes());
        put_length(bytes, revisions.len());
        revisions.iter().for_each(|revision| bytes.put_slice(revision.as_bytes()));
    }
}

fn put_meta(bytes: &mut Vec<u8>, meta: &Meta) {
    bytes.put_slice(meta.secret_hash.as_bytes());
    put_time(bytes, meta.secret_since);
    put_option(bytes, meta.previous.as_ref(), |bytes, previous| {
        bytes.put_slice(previous.hash.as_bytes());
        bytes.put_u8(match previous.kind {
            PreviousKind::Renewed => 1,
            PreviousKind::Superseded => 2,
        });
        put_option(bytes, previous.until.as_ref(), |bytes, time| put_time(bytes, *time));
    });
    bytes.put_slice(meta.epoch.as_bytes());
    put_time(bytes, meta.created);
    put_time(bytes, meta.idle_deadline);
    put_time(bytes, meta.absolute_deadline);
    put_option(bytes, meta.authenticated.as_ref(), |bytes, time| put_time(bytes, *time));
    bytes.put_u8(u8::from(meta.persistent));
}

fn put_time(bytes: &mut Vec<u8>, time: SystemTime) {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    bytes.put_u64(since.as_secs());
    bytes.put_u32(since.subsec_nanos());
}

fn put_option<T>(bytes: &mut Vec<u8>, value: Option<&T>, put: impl FnOnce(&mut Vec<u8>, &T)) {
    bytes.put_u8(u8::from(value.is_some()));
    if let Some(value) = value {
        put(bytes, value);
    }
}

fn put_bytes(bytes: &mut Vec<u8>, value: &[u8]) {
    put_length(bytes, value.len());
    bytes.put_slice(value);
}

/// What is longer is larger than an object may be, which is found out when it is whole.
fn put_length(bytes: &mut Vec<u8>, length: usize) {
    bytes.put_u32(u32::try_from(length).unwrap_or(u32::MAX));
}

/// What is left to read. Trusts no length: each thing that is read takes its bytes.
struct Reader(Bytes);

impl Reader {
    fn take(&mut self, length: usize) -> Result<Bytes, FormatError> {
        if length <= self.0.len() { Ok(self.0.split_to(length)) } else { Err(FormatError::Damaged) }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], FormatError> {
        self.take(N)?.as_ref().try_into().map_err(|_| FormatError::Damaged)
    }

    fn byte(&mut self) -> Result<u8, FormatError> {
        self.array().map(|[byte]| byte)
    }

    fn flag(&mut self) -> Result<bool, FormatError> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(FormatError::Damaged),
        }
    }

    fn length(&mut self) -> Result<usize, FormatError> {
        let length = self.take(4)?.get_u32();
        usize::try_from(length).map_err(|_| FormatError::Damaged)
    }

    fn bytes(&mut self) -> Result<Bytes, FormatError> {
        let length = self.length()?;
        self.take(length)
    }

    fn text(&mut self) -> Result<String, FormatError> {
        String::from_utf8(self.bytes()?.into()).map_err(|_| FormatError::Damaged)
    }

    fn time(&mut self) -> Result<SystemTime, FormatError> {
        let mut bytes = self.take(12)?;
        let (seconds, nanos) = (bytes.get_u64(), bytes.get_u32());
        let since = Duration::from_secs(seconds).checked_add(Duration::from_nanos(nanos.into()));
        since.and_then(|since| UNIX_EPOCH.checked_add(since)).ok_or(FormatError::Damaged)
    }

    fn option<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, FormatError>) -> Result<Option<T>, FormatError> {
        if self.flag()? { read(self).map(Some) } else { Ok(None) }
    }

    fn list<T>(&mut self, mut read: impl FnMut(&mut Self) -> Result<T, FormatError>) -> Result<Vec<T>, FormatError> {
        // Not `with_capacity`: the length may be a lie.
        let mut items = Vec::new();
        for _ in 0..self.length()? {
            items.push(read(self)?);
        }
        Ok(items)
    }

    fn held(&mut self) -> Result<Held, FormatError> {
        let meta = self.meta()?;
        let fields = self.list(|this| {
            let (key, revision) = (this.text()?.into(), Revision::from_bytes(this.array()?));
            let (expires, value) = (this.option(Self::time)?, this.option(Self::bytes)?.map(|value| value[..].into()));
            Ok((key, Entry { value, revision, expires }))
        })?;
        let entries = self.list(|this| {
            let (index, value) = (this.text()?.into(), this.text()?);
            let time = this.take(8)?.get_u64();
            Ok(IndexEntry { index, value, mark: Mark { time, random: this.array()? } })
        })?;
        let overwritten = if self.0.is_empty() { Vec::new() } else { self.list(Self::overwritten)? };
        let index = entries.iter().map(|entry| (entry.index.clone(), entry.value.clone())).collect();
        Ok(Held { record: WholeRecord { meta, fields, overwritten, index }, entries })
    }

    fn overwritten(&mut self) -> Result<(Box<str>, Vec<Revision>), FormatError> {
        Ok((self.text()?.into(), self.list(|this| this.array().map(Revision::from_bytes))?))
    }

    fn meta(&mut self) -> Result<Meta, FormatError> {
        Ok(Meta {
            secret_hash: SecretHash::from_bytes(self.array()?),
            secret_since: self.time()?,
            previous: self.option(Self::previous)?,
            epoch: Epoch::from_bytes(self.array()?),
            created: self.time()?,
            idle_deadline: self.time()?,
            absolute_deadline: self.time()?,
            authenticated: self.option(Self::time)?,
            persistent: self.flag()?,
        })
    }

    fn previous(&mut self) -> Result<Previous, FormatError> {
        let hash = SecretHash::from_bytes(self.array()?);
        let kind = match self.byte()? {
            1 => PreviousKind::Renewed,
            2 => PreviousKind::Superseded,
            _ => return Err(FormatError::Damaged),
        };
        Ok(Previous { hash, kind, until: self.option(Self::time)? })
    }
}
