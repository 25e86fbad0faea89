//! The scripts, with their arguments.

use std::time::SystemTime;

use redis::{Script, ScriptInvocation};

use super::arguments::{self, micros, time};
use crate::record::{ChangeSet, Guard, Revision, Select};
use crate::token::SessionId;

/// Later than any session's end: the score of an entry whose session is not committed yet.
const UNKNOWN_DEADLINE: &str = "9007199254740991";

pub(super) struct Scripts {
    load: Script,
    commit: Script,
    destroy: Script,
    index: Script,
    find: Script,
}

impl Default for Scripts {
    fn default() -> Self {
        let on_record = |script: &str| Script::new(&[include_str!("record.lua"), script].concat());
        Self {
            load: on_record(include_str!("load.lua")),
            commit: on_record(include_str!("commit.lua")),
            destroy: on_record(include_str!("destroy.lua")),
            index: Script::new(include_str!("index.lua")),
            find: Script::new(include_str!("find.lua")),
        }
    }
}

impl Scripts {
    pub(super) fn load(&self, key: Vec<u8>, select: &[Select], now: Option<SystemTime>) -> ScriptInvocation<'_> {
        let mut script = self.load.key(key);
        script.arg(time(now));
        for wanted in select {
            script.arg([if wanted.value { "1" } else { "0" }, wanted.key].concat());
        }
        script
    }

    pub(super) fn commit(&self, key: Vec<u8>, changes: &ChangeSet, now: Option<SystemTime>) -> ScriptInvocation<'_> {
        let mut script = self.commit.key(key);
        script.arg(time(now));
        arguments::commit(&mut script, changes);
        script
    }

    pub(super) fn destroy(&self, key: Vec<u8>, guard: Guard, now: Option<SystemTime>) -> ScriptInvocation<'_> {
        let mut script = self.destroy.key(key);
        script.arg(time(now));
        arguments::guard(&mut script, &guard);
        script
    }

    /// Enters a session whose end is not known yet.
    pub(super) fn enter(
        &self,
        key: Vec<u8>,
        id: SessionId,
        by: Revision,
        now: Option<SystemTime>,
    ) -> ScriptInvocation<'_> {
        self.index(key, "enter", (id, by), UNKNOWN_DEADLINE, now)
    }

    /// Keeps an entry until the session's end, in place of the one that it has replaced.
    pub(super) fn keep(
        &self,
        key: Vec<u8>,
        id: SessionId,
        by: Revision,
        instead_of: Option<Revision>,
        deadline: SystemTime,
        now: Option<SystemTime>,
    ) -> ScriptInvocation<'_> {
        let mut script = self.index(key, "keep", (id, by), &micros(deadline).to_string(), now);
        if let Some(replaced) = instead_of {
            script.arg(member(id, replaced));
        }
        script
    }

    pub(super) fn leave(
        &self,
        key: Vec<u8>,
        id: SessionId,
        by: Revision,
        now: Option<SystemTime>,
    ) -> ScriptInvocation<'_> {
        self.index(key, "leave", (id, by), "", now)
    }

    fn index(
        &self,
        key: Vec<u8>,
        what: &str,
        (id, by): (SessionId, Revision),
        deadline: &str,
        now: Option<SystemTime>,
    ) -> ScriptInvocation<'_> {
        let mut script = self.index.key(key);
        script.arg(time(now)).arg(what).arg(member(id, by)).arg(deadline);
        script
    }

    pub(super) fn find(&self, key: Vec<u8>, now: Option<SystemTime>) -> ScriptInvocation<'_> {
        let mut script = self.find.key(key);
        script.arg(time(now));
        script
    }
}

/// A session and the write that has entered it.
fn member(id: SessionId, by: Revision) -> Vec<u8> {
    [id.as_bytes().as_slice(), by.as_bytes()].concat()
}
