//! The applications. Each has the same routes, which answer the same; see [`Workload`].

pub mod actix;
pub mod actix_sessions;
pub mod axum_sessions;
pub mod bare;
pub mod floors;
pub mod ours;
pub mod ruts;
mod service;
mod thin;
pub mod tower_sessions;

use crate::workload::{Visitor, Workload};

/// An application in this process.
pub trait App {
    /// Answers these requests, one after another.
    fn answer(&mut self, requests: &mut Requests<'_>);
}

/// Requests of one kind, by visitors that are chosen by `next`.
pub struct Requests<'a> {
    /// What is asked for.
    pub asked: Workload,
    /// How often.
    pub count: usize,
    /// Whether the application keeps sessions, so that more than the status of its answers can be checked.
    pub keeps: bool,
    /// Who asks.
    pub visitors: &'a mut [Visitor],
    /// Who of them asks next.
    pub next: &'a mut dyn FnMut(usize) -> usize,
}

impl Requests<'_> {
    /// Who asks next.
    pub fn visitor(&mut self) -> &mut Visitor {
        &mut self.visitors[(self.next)(self.visitors.len())]
    }
}

/// An application that can be measured in this process.
pub struct Variant {
    /// What the tables call it.
    pub name: &'static str,
    /// The thinnest application in the same position, which it is compared with.
    pub over: &'static str,
    /// Whether it keeps sessions.
    pub keeps: bool,
    /// Makes one with no sessions in it.
    pub make: fn() -> Box<dyn App>,
}

const fn variant(name: &'static str, over: &'static str, make: fn() -> Box<dyn App>) -> Variant {
    Variant { name, over, keeps: true, make }
}

const fn without_sessions(name: &'static str, over: &'static str, make: fn() -> Box<dyn App>) -> Variant {
    Variant { name, over, keeps: false, make }
}

/// What the others that are layered with `Router::layer` are compared with.
const LAYER: &str = "thin, Router::layer";

/// What the others that are around the whole router are compared with.
const AROUND: &str = "thin, around the router";

const BARE: &str = "bare axum";

const BARE_ACTIX: &str = "bare actix";

/// Each that keeps its sessions in memory, with those that keep none.
pub const IN_MEMORY: [Variant; 11] = [
    without_sessions(BARE, BARE, bare::in_process),
    without_sessions(LAYER, LAYER, thin::layered),
    without_sessions(AROUND, AROUND, thin::around),
    variant("hand-written floor", BARE, floors::memory::in_process),
    variant("session-runtime, Router::layer", LAYER, ours::layered),
    variant("session-runtime, around the router", AROUND, ours::around),
    variant("tower-sessions 0.15", LAYER, tower_sessions::in_process),
    variant("axum_session 0.22", LAYER, axum_sessions::in_process),
    variant("ruts 0.13 (moka)", LAYER, ruts::in_process),
    without_sessions(BARE_ACTIX, BARE_ACTIX, actix::in_process),
    variant("actix-session 0.11", BARE_ACTIX, actix_sessions::in_process),
];

/// The one that the tables call this.
pub fn by_name(name: &str) -> &'static Variant {
    IN_MEMORY.iter().find(|variant| variant.name == name).expect("an application")
}
