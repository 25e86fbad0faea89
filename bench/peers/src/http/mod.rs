//! The applications over HTTP: requests per second, waiting, and the processor's time.
//!
//! The server has the first processor; wrk and the store's server share the second. All applications over one store run at the
//! same time, and get the load by turns.

pub mod client;
mod cpu;
mod wrk;

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use client::Client;
use wrk::Seen;

use crate::served::{Process, Served, Store, StoreServer};
use crate::statistics::median;
use crate::table::{Table, figure, thousands};
use crate::workload::{Visitor, Workload};

/// How often each is measured; the median counts.
const PASSES: usize = 5;

/// How many sessions the requests are of, by turns; beside the one that is hot.
const COLD: usize = 1_000;

/// How long a pass takes, in seconds, unless this variable says otherwise.
const SECONDS: (&str, u32) = ("BENCH_SECONDS", 2);

/// Only the applications whose name has one of these words in it, with commas between them, where this variable is set: to
/// compare a change with its floor sooner than with all.
const ONLY: &str = "BENCH_ONLY";

/// What is asked, and whether of one session alone.
const ASKED: [(Workload, bool); 10] = [
    (Workload::None, false),
    (Workload::Read, false),
    (Workload::Read, true),
    (Workload::Set, false),
    (Workload::Set, true),
    (Workload::Update, false),
    (Workload::Update, true),
    (Workload::Login, false),
    (Workload::Visit, false),
    (Workload::All, false),
];

/// An application that runs, with its visitors.
struct Running {
    served: &'static Served,
    process: Process,
    address: SocketAddr,
    visitors: Vec<Visitor>,
}

/// What was measured of one pass.
#[derive(Clone, Copy)]
struct Pass {
    seen: Seen,
    /// Microseconds of the processor per request: the application's, and its store's server's.
    server: f64,
    store: f64,
}

/// Measures and prints, for these stores.
pub fn print(stores: &[Store]) {
    for store in stores {
        let mut table = Table::new(
            &[
                "workload",
                "application",
                "requests/s",
                "÷ floor",
                "p50, µs",
                "p99, µs",
                "server CPU, µs",
                "÷ floor",
                "store CPU, µs",
                "failures",
            ],
            2,
        );
        let server = StoreServer::start(*store);
        let served = Served::over(*store).filter(|served| is_asked_for(served.name)).enumerate();
        let mut all: Vec<_> = served.map(|(at, served)| start(served, &server.place(at, None))).collect();
        measure(&mut all, server.process(), &mut table);
        table.print(&format!("Over HTTP, sessions in {}", store.name()));
        all.iter_mut().for_each(check);
    }
}

fn is_asked_for(name: &str) -> bool {
    std::env::var(ONLY).map_or(true, |only| only.split(',').any(|word| name.contains(word)))
}

fn measure(all: &mut [Running], store: Option<u32>, table: &mut Table) {
    let scripts = tempfile::tempdir().expect("a folder for wrk's scripts");
    for (asked, hot) in ASKED {
        let mut passes = vec![Vec::new(); all.len()];
        for _ in 0..PASSES {
            for (running, passes) in all.iter_mut().zip(&mut passes) {
                passes.push(pass(running, asked, hot, store, &scripts.path().join("load.lua")));
            }
        }
        let medians: Vec<_> = passes.iter().map(|passes| medians(passes)).collect();
        for (running, figures) in all.iter().zip(&medians) {
            let over = all.iter().position(|other| other.served.name == running.served.over).unwrap_or_default();
            let name = format!("{}{}", asked.name(), if hot { ", one session" } else { "" });
            table.line(&cells(name, running.served.name, *figures, medians[over]));
        }
    }
}

/// Starts an application, and has visitors come to it.
fn start(served: &'static Served, at: &str) -> Running {
    let (process, address) = Process::serve(served, at);
    let mut running = Running { served, process, address, visitors: vec![Visitor::stranger(); COLD + 1] };
    admit(&mut running);
    check(&mut running);
    running
}

fn admit(running: &mut Running) {
    let mut client = Client::to(running.address).expect("a server");
    for visitor in &mut running.visitors {
        client.ask(Workload::Fill, running.served.keeps, visitor);
    }
}

/// Panics where a session is not what it must be.
fn check(running: &mut Running) {
    let mut client = Client::to(running.address).expect("a server");
    for visitor in running.visitors.iter_mut().step_by(100) {
        // What the load has made of the counter is not known.
        for asked in [Workload::Set, Workload::Read, Workload::Update, Workload::All, Workload::Login, Workload::All] {
            client.ask(asked, running.served.keeps, visitor);
        }
    }
}

fn pass(running: &mut Running, asked: Workload, hot: bool, store: Option<u32>, script: &Path) -> Pass {
    let seconds = std::env::var(SECONDS.0).ok().and_then(|text| text.parse().ok()).unwrap_or(SECONDS.1);
    if asked == Workload::Login {
        // The cookies of before are of no use after a pass.
        admit(running);
    }
    let cpu = || (cpu::of(running.process.id()), store.map(cpu::of).unwrap_or_default());
    let visitors = if hot { &running.visitors[..1] } else { &running.visitors[1..] };
    let before = cpu();
    let seen = wrk::load(running.address, asked, visitors, seconds, script);
    let after = cpu();
    let per_request = |time: Duration| time.as_secs_f64() * 1e6 / seen.requests;
    let pass = Pass {
        seen,
        server: per_request(after.0.saturating_sub(before.0)),
        store: per_request(after.1.saturating_sub(before.1)),
    };
    if asked == Workload::Login {
        admit(running);
    }
    pass
}

/// The median of each figure, and all failures.
fn medians(passes: &[Pass]) -> Pass {
    let of = |figure: fn(&Pass) -> f64| median(passes.iter().map(figure).collect());
    Pass {
        seen: Seen {
            requests: of(|pass| pass.seen.requests),
            per_second: of(|pass| pass.seen.per_second),
            p50: of(|pass| pass.seen.p50),
            p99: of(|pass| pass.seen.p99),
            // Of all passes: none is to be hidden.
            failures: passes.iter().map(|pass| pass.seen.failures).sum(),
        },
        server: of(|pass| pass.server),
        store: of(|pass| pass.store),
    }
}

fn cells(workload: String, name: &str, figures: Pass, floor: Pass) -> Vec<String> {
    vec![
        workload,
        name.to_owned(),
        thousands(figures.seen.per_second),
        figure(figures.seen.per_second / floor.seen.per_second),
        figure(figures.seen.p50),
        figure(figures.seen.p99),
        figure(figures.server),
        figure(figures.server / floor.server),
        figure(if figures.store > 0.0 { figures.store } else { f64::NAN }),
        thousands(figures.seen.failures),
    ]
}
