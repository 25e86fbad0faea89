//! The scripts, and calls of them.

use std::fmt;
use std::time::SystemTime;

use redis::aio::ConnectionLike;
use redis::{Cmd, ErrorKind, FromRedisValue, Pipeline, RedisError, RedisWrite, Script, ServerErrorKind};

use super::arguments::{self, Entered, micros};
use crate::record::{ChangeSet, Guard, Revision, Select};
use crate::token::SessionId;

/// Room for most calls, so that they are written without moving.
const ARGUMENTS: usize = 24;
const BYTES: usize = 384;

pub(super) struct Scripts {
    load: Script,
    commit: Script,
    destroy: Script,
    index: Script,
    find: Script,
    entered: Script,
}

impl Default for Scripts {
    fn default() -> Self {
        const RECORD: &str = include_str!("record.lua");
        const GUARD: &str = include_str!("guard.lua");
        const ENTRY: &str = include_str!("entry.lua");
        Self {
            load: script(&[RECORD, include_str!("load.lua")]),
            commit: script(&[RECORD, GUARD, include_str!("commit.lua")]),
            destroy: script(&[RECORD, GUARD, include_str!("destroy.lua")]),
            index: script(&[ENTRY, include_str!("index.lua")]),
            find: script(&[ENTRY, include_str!("find.lua")]),
            entered: script(&[include_str!("entered.lua")]),
        }
    }
}

fn script(parts: &[&str]) -> Script {
    Script::new(&parts.concat())
}

/// What a script is about, by which it is written.
pub(super) enum Key<'k> {
    Session { prefix: &'k str, id: SessionId },
    Index { prefix: &'k str, index: &'k str, value: &'k str },
}

impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Session { prefix, id } => write!(f, "{prefix}{id}"),
            // The length keeps names and values apart, whatever they are.
            Self::Index { prefix, index, value } => write!(f, "{prefix}index:{}:{index}:{value}", index.len()),
        }
    }
}

impl Scripts {
    pub(super) fn load(&self, key: Key<'_>, select: &[Select], now: Option<SystemTime>) -> Call<'_> {
        let mut call = Call::new(&self.load, key, now);
        arguments::select(&mut call.command, select);
        call
    }

    pub(super) fn commit(&self, key: Key<'_>, changes: &ChangeSet, now: Option<SystemTime>) -> Call<'_> {
        let mut call = Call::new(&self.commit, key, now);
        arguments::commit(&mut call.command, changes);
        call
    }

    pub(super) fn destroy(&self, key: Key<'_>, guard: Guard, now: Option<SystemTime>) -> Call<'_> {
        let mut call = Call::new(&self.destroy, key, now);
        arguments::guard(&mut call.command, &guard);
        call
    }

    /// Enters a session whose end is not known yet.
    pub(super) fn enter(&self, key: Key<'_>, id: SessionId, by: Revision, now: Option<SystemTime>) -> Call<'_> {
        self.index(key, "enter", id, by, now)
    }

    /// Keeps an entry until the session's end, in place of the one that it has replaced.
    pub(super) fn keep(
        &self,
        key: Key<'_>,
        id: SessionId,
        by: Revision,
        instead_of: Option<Revision>,
        deadline: SystemTime,
        now: Option<SystemTime>,
    ) -> Call<'_> {
        let mut call = self.index(key, "keep", id, by, now);
        call.command.arg(micros(deadline));
        if let Some(replaced) = instead_of {
            member(&mut call.command, id, replaced);
        }
        call
    }

    pub(super) fn leave(&self, key: Key<'_>, id: SessionId, by: Revision, now: Option<SystemTime>) -> Call<'_> {
        self.index(key, "leave", id, by, now)
    }

    /// Takes the entry out if its commit is over without anybody knowing how it ended.
    pub(super) fn tidy(&self, key: Key<'_>, id: SessionId, by: Revision, now: Option<SystemTime>) -> Call<'_> {
        self.index(key, "tidy", id, by, now)
    }

    fn index(&self, key: Key<'_>, what: &str, id: SessionId, by: Revision, now: Option<SystemTime>) -> Call<'_> {
        let mut call = Call::new(&self.index, key, now);
        call.command.arg(what);
        member(&mut call.command, id, by);
        call
    }

    pub(super) fn find(&self, key: Key<'_>, now: Option<SystemTime>) -> Call<'_> {
        Call::new(&self.find, key, now)
    }

    /// Whether the session's record has this entry.
    pub(super) fn entered(&self, key: Key<'_>, index: &str, entered: &Entered) -> Call<'_> {
        let mut call = Call::new(&self.entered, key, None);
        call.command.arg(index);
        arguments::entry(&mut call.command, entered);
        call
    }
}

/// A session and the write that has entered it.
fn member(command: &mut Cmd, id: SessionId, by: Revision) {
    arguments::joined(command, &[id.as_bytes(), by.as_bytes()]);
}

/// A script with its arguments, written as they are sent: `ScriptInvocation` would have each in a vector of its own.
pub(super) struct Call<'s> {
    script: &'s Script,
    command: Cmd,
}

impl<'s> Call<'s> {
    fn new(script: &'s Script, key: Key<'_>, now: Option<SystemTime>) -> Self {
        let mut command = Cmd::with_capacity(ARGUMENTS, BYTES);
        command.arg("EVALSHA").arg(script.get_hash()).arg("1");
        command.write_arg_fmt(key);
        // Nothing where the server's own time decides.
        arguments::optional(&mut command, now.map(micros));
        Self { script, command }
    }

    pub(super) async fn invoke<T: FromRedisValue>(
        &self,
        connection: &mut impl ConnectionLike,
    ) -> Result<T, RedisError> {
        match self.command.query_async(connection).await {
            Err(error) if is_forgotten(&error) => {
                self.script.load_async(connection).await?;
                self.command.query_async(connection).await
            }
            answer => answer,
        }
    }

    /// The call, and others after it, together.
    pub(super) async fn invoke_with<T: FromRedisValue>(
        self,
        others: impl FnOnce(&mut Pipeline),
        connection: &mut impl ConnectionLike,
    ) -> Result<T, RedisError> {
        let mut calls = redis::pipe();
        calls.add_command(self.command);
        others(&mut calls);
        match calls.query_async(connection).await {
            Err(error) if is_forgotten(&error) => {
                self.script.load_async(connection).await?;
                calls.query_async(connection).await
            }
            answer => answer,
        }
    }
}

/// Whether the server has forgotten the script, so that it has not begun to run it.
fn is_forgotten(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::NoScript)
}
