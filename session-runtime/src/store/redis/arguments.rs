//! What the scripts are told, in the order in which they read it.

use std::io::Write as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use redis::{Cmd, RedisWrite as _};

use crate::record::{
    Basis, ChangeSet, Create, Expect, Expiry, Guard, IndexChange, Revision, Rotate, RotateKind, Select, SetField,
};

/// Stands for nothing.
const NONE: &str = "";

/// Microseconds since 1970, as the scripts count.
pub(super) fn micros(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, micros_of)
}

fn micros_of(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// One argument of several parts.
pub(super) fn joined(command: &mut Cmd, parts: &[&[u8]]) {
    let mut writer = command.writer_for_next_arg();
    for part in parts {
        writer.write_all(part).expect("memory is there to be written to");
    }
}

pub(super) fn optional(command: &mut Cmd, number: Option<u64>) {
    match number {
        Some(number) => command.arg(number),
        None => command.arg(NONE),
    };
}

/// Whether each value is wanted, and the names of the fields in the hash.
pub(super) fn select(command: &mut Cmd, select: &[Select]) {
    let mut wanted = command.writer_for_next_arg();
    for select in select {
        wanted.write_all(if select.value { b"v" } else { b"-" }).expect("memory is there to be written to");
    }
    drop(wanted);
    for select in select {
        joined(command, &[b"f:", select.key.as_bytes()]);
    }
}

pub(super) fn guard(command: &mut Cmd, guard: &Guard) {
    match guard {
        Guard::Secret(hash) => command.arg("secret").arg(hash.as_bytes().as_slice()),
        Guard::Epoch(epoch) => command.arg("epoch").arg(epoch.as_bytes().as_slice()),
        Guard::Any => command.arg("any").arg(NONE),
    };
}

pub(super) fn commit(command: &mut Cmd, changes: &ChangeSet) {
    match &changes.basis {
        Basis::Create(create) => {
            command.arg("create").arg(create.secret_hash.as_bytes().as_slice());
        }
        Basis::Guard(of) => guard(command, of),
    }
    asked(command, changes);
    if let Basis::Create(Create { epoch, idle, absolute, .. }) = &changes.basis {
        command.arg(epoch.as_bytes().as_slice()).arg(micros_of(*idle)).arg(micros_of(*absolute));
    }
    if let Some(rotate) = &changes.rotate {
        self::rotate(command, rotate);
    }
    times(command, changes);
    expects(command, &changes.expect);
    removes(command, &changes.remove);
    indexes(command, changes);
    for field in &changes.set {
        set(command, field);
    }
}

fn times(command: &mut Cmd, changes: &ChangeSet) {
    // As in `touch_is_due`: the move must be more than a tenth.
    let due = changes.touch.map(|idle| idle / 10);
    let durations = [changes.touch, due, changes.absolute, changes.remember, changes.retire_previous];
    for duration in durations.into_iter().flatten() {
        command.arg(micros_of(duration));
    }
}

fn expects(command: &mut Cmd, expects: &[Expect]) {
    if !expects.is_empty() {
        command.arg(expects.len());
    }
    for expect in expects {
        let revision = expect.revision.as_ref().map_or(NONE.as_bytes(), |revision| revision.as_bytes());
        command.arg(expect.key).arg(revision);
    }
}

fn removes(command: &mut Cmd, removes: &[&str]) {
    if !removes.is_empty() {
        command.arg(removes.len()).arg(removes);
    }
}

fn indexes(command: &mut Cmd, changes: &ChangeSet) {
    if !changes.index.is_empty() {
        command.arg(changes.index.len());
    }
    for change in &changes.index {
        match entered(changes, change) {
            Some(entered) => {
                command.arg(change.index).arg("1");
                entry(command, &entered);
            }
            None => {
                command.arg(change.index).arg("0").arg(NONE);
            }
        }
    }
}

/// What a session is entered under in an index, and by which write: so a removal that is late takes out its own entry, and not
/// one that was made since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entered {
    pub(super) by: Revision,
    pub(super) value: String,
}

/// An entry as a record has it.
pub(super) fn entry(command: &mut Cmd, Entered { by, value }: &Entered) {
    joined(command, &[by.as_bytes(), value.as_bytes()]);
}

/// The entry that a change set makes, if it makes one.
pub(super) fn entered(changes: &ChangeSet, change: &IndexChange) -> Option<Entered> {
    let write = changes.set.iter().find(|field| field.key == change.index);
    // Without the field of its name, an entry is the same whoever makes it.
    let by = write.map_or(Revision::from_bytes([0; 8]), |write| write.revision);
    change.value.clone().map(|value| Entered { by, value })
}

/// A letter for each part that there is: most commits have none.
fn asked(command: &mut Cmd, changes: &ChangeSet) {
    let parts = [
        (b"r", changes.rotate.is_some()),
        (b"t", changes.touch.is_some()),
        (b"a", changes.absolute.is_some()),
        (b"m", changes.remember.is_some()),
        (b"p", changes.retire_previous.is_some()),
        (b"u", changes.authenticated),
        (b"e", !changes.expect.is_empty()),
        (b"d", !changes.remove.is_empty()),
        (b"i", !changes.index.is_empty()),
    ];
    let mut letters = command.writer_for_next_arg();
    for (letter, _) in parts.into_iter().filter(|(_, is_asked)| *is_asked) {
        letters.write_all(letter).expect("memory is there to be written to");
    }
}

fn rotate(command: &mut Cmd, Rotate { from, to, kind }: &Rotate) {
    let (name, mark, recognised): (_, &[u8], _) = match kind {
        RotateKind::Renew(seen) => ("renew", seen.as_bytes(), Duration::ZERO),
        RotateKind::Supersede(epoch, recognised) => ("supersede", epoch.as_bytes(), *recognised),
    };
    command
        .arg(name)
        .arg(from.as_bytes().as_slice())
        .arg(to.as_bytes().as_slice())
        .arg(mark)
        .arg(micros_of(recognised));
}

/// Its name, how long it lives if the script is to say until when, and the field as it is stored.
fn set(command: &mut Cmd, field: &SetField) {
    let (ttl, end) = match field.expiry {
        Expiry::Never => (None, 0),
        Expiry::After(ttl) => (Some(micros_of(ttl)), 0),
        Expiry::At(time) => (None, micros(time)),
    };
    let has_value = u8::from(field.value.is_some());
    command.arg(field.key);
    optional(command, ttl);
    let value = field.value.as_deref().unwrap_or_default();
    joined(command, &[field.revision.as_bytes(), &end.to_be_bytes(), &[has_value], value]);
}
