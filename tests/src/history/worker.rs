//! One of many who call at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use session_runtime::testing::{Fault, FaultyStore};
use session_runtime::{Session, SessionManager, Token};
use tokio::time::timeout;

use super::call::{Call, Ended, Holder};
use super::slots::{name, secret};
use super::step::{Seen, Step};
use super::witness::watch;
use super::{Action, Log, Operation, Register, Registers, Slots, now};

/// Longer than any store takes to give up.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long nobody asks a store that has failed.
const NAP: Duration = Duration::from_millis(2);

/// One worker: calls one thing after the other, on one node.
pub struct Worker {
    /// Which one, of all processes.
    pub number: u64,
    /// The node's manager.
    pub sessions: SessionManager<Registers>,
    /// Where faults are injected, if they are.
    pub faults: Option<FaultyStore>,
    /// What it works on.
    pub slots: Arc<Slots>,
    /// Where it writes down what it does.
    pub log: Arc<dyn Log>,
    /// What it chooses by.
    pub random: fastrand::Rng,
    /// How many values and calls of its own it has numbered.
    pub numbered: AtomicU64,
    /// How many calls were answered, or given up, of all workers of this process.
    pub calls: Arc<AtomicU64>,
}

impl Worker {
    /// Makes calls until all workers have made so many.
    pub async fn run(mut self, calls: u64) {
        while self.calls.load(Ordering::Relaxed) < calls {
            self.visit().await;
        }
    }

    async fn visit(&mut self) {
        let slot = self.random.usize(..self.slots.count());
        let Some(token) = self.slots.token(slot) else { return self.begin(slot, None).await };
        self.injure();
        let goes_on = match self.random.u8(..100) {
            0..25 => self.request(slot, token).await,
            25..40 => self.on_a_collecting_handle(token).await,
            40 => self.revoke(token).await,
            _ => self.on_a_handle(slot, token).await,
        };
        if !goes_on && self.slots.token(slot).is_some_and(|now| secret(&now) == secret(&token)) {
            self.begin(slot, Some(token)).await;
        }
    }

    /// Lets something go wrong with one of the node's next operations.
    fn injure(&mut self) {
        let Some(store) = self.faults.as_ref().filter(|_| self.random.u8(..100) < 15) else { return };
        let fault = match self.random.u8(..6) {
            0 => Fault::Fail,
            1 | 2 => Fault::LoseRequest,
            3 | 4 => Fault::LoseAnswer,
            _ => Fault::Delay(Duration::from_micros(self.random.u64(..3000))),
        };
        store.inject(self.random.usize(1..4), fault);
    }

    /// A value that nobody else writes, or the number of a call that nobody else makes.
    fn value(&self) -> u64 {
        (self.number << 40) + self.numbered.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// How long the next call is waited for: now and then it is given up half-way.
    fn patience(&mut self) -> Duration {
        if self.random.u8(..100) < 2 { Duration::from_micros(self.random.u64(..2000)) } else { PATIENCE }
    }

    /// A new session in the slot.
    async fn begin(&mut self, slot: usize, old: Option<Token>) {
        let (session, value, called) = (self.sessions.start(), self.value(), now());
        let begun = timeout(PATIENCE, session.set_plain(value)).await;
        let (Ok(Ok(())), Some(token)) = (begun, session.token()) else { return tokio::time::sleep(NAP).await };
        let returned = now();
        let operations = Register::ALL.map(|register| {
            let found = match register {
                Register::Secret => Some(secret(&token)),
                Register::Plain => Some(value),
                _ => None,
            };
            self.operation(&token, (register, Action::Begin(found)), called, Some(returned))
        });
        self.end(self.value(), operations.to_vec());
        self.slots.replace(slot, old, token);
    }

    /// Opens the session and writes down what is in it. `Err` with whether it is there still.
    async fn open(&mut self, token: Token) -> Result<(Session<Registers>, Holder), bool> {
        let (patience, called) = (self.patience(), now());
        let opened = timeout(patience, self.sessions.open(&token)).await;
        let returned = now();
        let Ok(Ok(opened)) = opened else {
            tokio::time::sleep(NAP).await;
            return Err(true);
        };
        let held = Some(secret(&token));
        let found = match &opened {
            Some(session) => vec![
                (Register::Secret, Action::Read(held)),
                (Register::Plain, Action::Read(session.plain().await.unwrap())),
                (Register::User, Action::Read(session.user().await.unwrap())),
                (Register::Pair, pair(session.left().await.unwrap(), session.right().await.unwrap())),
            ],
            None => vec![(Register::Secret, Action::ReadOther(held))],
        };
        let operations = found.into_iter().map(|found| self.operation(&token, found, called, Some(returned)));
        self.end(self.value(), operations.collect());
        let holder = Holder { session: name(token.id()), secret: secret(&token), opened: called, alone: true };
        opened.map(|session| (session, holder)).ok_or(false)
    }

    /// Some calls, one after the other or two at once on clones. Says whether the session is there still.
    async fn on_a_handle(&mut self, slot: usize, token: Token) -> bool {
        let (session, mut holder) = match self.open(token).await {
            Ok(opened) => opened,
            Err(is_there) => return is_there,
        };
        let mut token = token;
        for nth in 0..self.random.u8(..4) {
            let step = self.step(nth == 0);
            let beside = if self.random.u8(..4) == 0 { self.step_beside(step) } else { None };
            let patience = [self.patience(), self.patience()];
            let ended = match beside {
                None => self.call(&session, holder, step, patience[0]).await,
                Some(beside) => {
                    let (clone, holder) = (session.clone(), Holder { alone: false, ..holder });
                    let one = self.call(&session, holder, step, patience[0]);
                    let other = self.call(&clone, holder, beside, patience[1]);
                    let (one, other) = tokio::join!(one, other);
                    if one == Ended::Done { other } else { one }
                }
            };
            let is_over = matches!(step, Step::Destroy) && ended == Ended::Done;
            if let Some(now) = of(&session, holder).filter(|now| secret(now) != holder.secret) {
                self.slots.replace(slot, Some(token), now);
                holder.secret = secret(&now);
                token = now;
            }
            // A rotation in doubt may be asked again by what comes next, which would then seem to have done it.
            if is_over || ended == Ended::Gone || ended != Ended::Done && step.rotates() {
                return !is_over && ended != Ended::Gone;
            }
        }
        true
    }

    /// Both fields of the pair, on a handle that collects.
    async fn on_a_collecting_handle(&mut self, token: Token) -> bool {
        let (session, holder) = match self.open(token).await {
            Ok((session, holder)) => (session.buffered(), holder),
            Err(is_there) => return is_there,
        };
        let (step, patience) = (self.pair(), self.patience());
        self.call(&session, holder, step, patience).await != Ended::Gone
    }

    fn pair(&mut self) -> Step {
        Step::Pair(if self.random.u8(..4) == 0 { None } else { Some(self.value()) })
    }

    fn step(&mut self, may_read: bool) -> Step {
        let register = [Register::Plain, Register::Long][self.random.usize(..2)];
        match self.random.u8(..100) {
            0..15 if may_read => Step::Read,
            0..30 => Step::Set(register, self.value()),
            30..60 => Step::Update(register, Some(self.value())),
            60..64 => Step::Update(register, None),
            64..76 => Step::Take(register),
            76..84 => Step::Remove(register),
            84..90 => Step::Regenerate,
            90..93 => Step::Set(Register::User, self.value()),
            93..95 => Step::Update(Register::User, Some(self.value())),
            95..97 => Step::Take(Register::User),
            97 => Step::Remove(Register::User),
            _ => Step::Destroy,
        }
    }

    /// Another call to be made at the same time, where both are told apart afterwards.
    fn step_beside(&mut self, step: Step) -> Option<Step> {
        let beside = self.step(false);
        let suits = |step: Step| !step.rotates() && !matches!(step, Step::Destroy | Step::Read);
        (suits(step) && suits(beside)).then_some(beside)
    }

    async fn call(&self, session: &Session<Registers>, holder: Holder, step: Step, patience: Duration) -> Ended {
        let (lost, seen, called) = (Arc::new(AtomicBool::new(false)), Seen::default(), now());
        let number = self.announce(step, holder, called);
        let result = timeout(patience, watch(Arc::clone(&lost), step.perform(session, &seen))).await;
        let lost = lost.load(Ordering::Relaxed);
        let ended = match result.map_or(Ended::Unknown, |result| Ended::of(&result, lost)) {
            // Who signs in where the token opens nothing any more gets a new session.
            Ended::Done if step.rotates() && session.token().is_some() && of(session, holder).is_none() => Ended::Gone,
            ended => ended,
        };
        let after = of(session, holder).map(|token| secret(&token));
        let lost = lost || ended == Ended::Unknown;
        let call = Call { step, holder, called, returned: now(), ended, lost, seen: &seen, after };
        self.end(number, call.operations());
        if ended == Ended::Failed {
            tokio::time::sleep(NAP).await;
        }
        ended
    }

    /// Writes down that a call begins, and gives it a number.
    fn announce(&self, step: Step, holder: Holder, called: u64) -> u64 {
        let seen = Seen::default();
        let ended = Ended::Unknown;
        let call = Call { step, holder, called, returned: called, ended, lost: true, seen: &seen, after: None };
        let number = self.value();
        self.log.begin(number, &call.operations());
        number
    }

    async fn revoke(&mut self, token: Token) -> bool {
        let (called, lost) = (now(), Arc::new(AtomicBool::new(false)));
        let end = |register, returned| self.operation(&token, (register, Action::End), called, returned);
        let number = self.value();
        self.log.begin(number, &[end(Register::Secret, None)]);
        let revoked = watch(Arc::clone(&lost), self.sessions.revoke(token.id())).await;
        let returned = now();
        let operations = match &revoked {
            Ok(_) => Register::ALL.map(|register| end(register, Some(returned))).to_vec(),
            Err(_) => vec![end(Register::Secret, None)],
        };
        self.end(number, operations);
        revoked.is_err()
    }

    /// A call in a request, which knows nothing of the session but the cookie.
    async fn request(&mut self, slot: usize, token: Token) -> bool {
        let step = match self.random.u8(..10) {
            0..3 => self.pair(),
            3..6 => Step::Set([Register::Plain, Register::Long][self.random.usize(..2)], self.value()),
            6 | 7 => Step::Update(Register::Plain, Some(self.value())),
            8 => Step::Take(Register::Plain),
            _ => Step::Regenerate,
        };
        let (lost, seen, called, patience) =
            (Arc::new(AtomicBool::new(false)), Seen::default(), now(), self.patience());
        let holder = Holder { session: name(token.id()), secret: secret(&token), opened: called, alone: true };
        let number = self.announce(step, holder, called);
        let request = super::page::request(&self.sessions, token, step, Arc::clone(&seen));
        let answer = timeout(patience, watch(Arc::clone(&lost), request)).await.ok().flatten();
        let lost = lost.load(Ordering::Relaxed);
        let (ended, after) = match &answer {
            // Of a token that opened nothing a new session may have come.
            Some((Ok(()), after)) if after.is_none_or(|after| after.id() != token.id()) => (Ended::Gone, None),
            Some((Ok(()), after)) => (Ended::Done, *after),
            Some((Err(session_runtime::SessionError::Gone), _)) => (Ended::Gone, None),
            // What is collected still is stored at the request's end.
            _ => (Ended::Unknown, None),
        };
        let lost = lost || ended == Ended::Unknown;
        let seen_after = after.map(|after| secret(&after));
        let call = Call { step, holder, called, returned: now(), ended, lost, seen: &seen, after: seen_after };
        self.end(number, call.operations());
        if let Some(after) = after.filter(|after| secret(after) != secret(&token)) {
            self.slots.replace(slot, Some(token), after);
        }
        ended != Ended::Gone
    }

    fn operation(
        &self,
        token: &Token,
        (register, action): (Register, Action),
        called: u64,
        returned: Option<u64>,
    ) -> Operation {
        Operation { session: name(token.id()), register, action, called, returned, again: returned.is_none() }
    }

    fn end(&self, call: u64, operations: Vec<Operation>) {
        self.calls.fetch_add(u64::from(!operations.is_empty()), Ordering::Relaxed);
        self.log.end(call, operations);
    }
}

/// What opens the session, as far as the handle knows; `None` when its session is not this one any more.
fn of(session: &Session<Registers>, holder: Holder) -> Option<Token> {
    session.token().filter(|token| name(token.id()) == holder.session)
}

/// What was found of the pair.
fn pair(left: Option<u64>, right: Option<u64>) -> Action {
    if left == right { Action::Read(left) } else { Action::ReadTorn(left, right) }
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker").field("number", &self.number).finish_non_exhaustive()
    }
}
