//! Change sets as the arguments of `commit.lua`, in the order in which it reads them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use redis::ScriptInvocation;

use crate::record::{Basis, ChangeSet, Create, Expiry, Guard, IndexChange, Revision, Rotate, RotateKind, SetField};

/// Stands for nothing.
const NONE: &str = "";

/// Microseconds since 1970, as the scripts count.
pub(super) fn micros(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, micros_of)
}

fn micros_of(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// The time that a script is told; nothing where the server's own decides.
pub(super) fn time(now: Option<SystemTime>) -> String {
    now.map_or_else(String::new, |now| micros(now).to_string())
}

pub(super) fn guard(script: &mut ScriptInvocation<'_>, guard: &Guard) {
    match guard {
        Guard::Secret(hash) => script.arg("secret").arg(hash.as_bytes().as_slice()),
        Guard::Epoch(epoch) => script.arg("epoch").arg(epoch.as_bytes().as_slice()),
        Guard::Any => script.arg("any").arg(NONE),
    };
}

pub(super) fn commit(script: &mut ScriptInvocation<'_>, changes: &ChangeSet) {
    basis(script, &changes.basis);
    script.arg(asked(changes));
    if let Some(rotate) = &changes.rotate {
        self::rotate(script, rotate);
    }
    // As in `touch_is_due`: the move must be more than a tenth.
    let due = changes.touch.map(|idle| idle / 10);
    let durations = [changes.touch, due, changes.absolute, changes.remember, changes.retire_previous];
    for duration in durations.into_iter().flatten() {
        script.arg(micros_of(duration));
    }
    script.arg(changes.expect.len());
    for expect in &changes.expect {
        let revision = expect.revision.map_or_else(Vec::new, |revision| revision.as_bytes().to_vec());
        script.arg(expect.key).arg(revision);
    }
    script.arg(changes.set.len());
    for field in &changes.set {
        set(script, field);
    }
    script.arg(changes.remove.len());
    for key in &changes.remove {
        script.arg(key);
    }
    script.arg(changes.index.len());
    for change in &changes.index {
        let entry = entered(changes, change);
        script
            .arg(change.index)
            .arg(u8::from(entry.is_some()))
            .arg(entry.map(|entry| entry.text()).unwrap_or_default());
    }
}

/// What a session is entered under in an index, and by which write: so a removal that is late takes out its own entry, and not
/// one that was made since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entered {
    pub(super) by: Revision,
    pub(super) value: String,
}

/// The entry that a change set makes, if it makes one.
pub(super) fn entered(changes: &ChangeSet, change: &IndexChange) -> Option<Entered> {
    let write = changes.set.iter().find(|field| field.key == change.index);
    // Without the field of its name, an entry is the same whoever makes it.
    let by = write.map_or(Revision::from_bytes([0; 8]), |write| write.revision);
    change.value.clone().map(|value| Entered { by, value })
}

impl Entered {
    /// As the record has it.
    fn text(&self) -> Vec<u8> {
        [self.by.as_bytes(), self.value.as_bytes()].concat()
    }
}

/// A letter for each part that there is: most commits have few.
fn asked(changes: &ChangeSet) -> String {
    let parts = [
        ('r', changes.rotate.is_some()),
        ('t', changes.touch.is_some()),
        ('a', changes.absolute.is_some()),
        ('m', changes.remember.is_some()),
        ('p', changes.retire_previous.is_some()),
        ('u', changes.authenticated),
    ];
    parts.into_iter().filter(|(_, is_asked)| *is_asked).map(|(letter, _)| letter).collect()
}

fn basis(script: &mut ScriptInvocation<'_>, basis: &Basis) {
    match basis {
        Basis::Create(Create { secret_hash, epoch, idle, absolute }) => {
            script.arg("create").arg(secret_hash.as_bytes().as_slice()).arg(epoch.as_bytes().as_slice());
            script.arg(micros_of(*idle)).arg(micros_of(*absolute));
        }
        Basis::Guard(of) => guard(script, of),
    }
}

fn rotate(script: &mut ScriptInvocation<'_>, Rotate { from, to, kind }: &Rotate) {
    let (name, mark, recognised) = match kind {
        RotateKind::Renew(seen) => ("renew", seen.as_bytes().to_vec(), Duration::ZERO),
        RotateKind::Supersede(epoch, recognised) => ("supersede", epoch.as_bytes().to_vec(), *recognised),
    };
    script.arg(name).arg(from.as_bytes().as_slice()).arg(to.as_bytes().as_slice()).arg(mark).arg(micros_of(recognised));
}

/// `v` or, for a tombstone, `t`; then `+` and how long the field lives or `@` and when it ends, if not with the session.
fn set(script: &mut ScriptInvocation<'_>, field: &SetField) {
    let mark = if field.value.is_some() { "v" } else { "t" };
    let kind = match field.expiry {
        Expiry::Never => mark.to_owned(),
        Expiry::After(ttl) => format!("{mark}+{}", micros_of(ttl)),
        Expiry::At(time) => format!("{mark}@{}", micros(time)),
    };
    script.arg(field.key).arg(field.revision.as_bytes().as_slice()).arg(kind);
    script.arg(field.value.as_deref().unwrap_or_default());
}
