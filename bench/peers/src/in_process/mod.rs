//! The applications in this process, without a network: time, allocations and instructions per request.

mod instructions;
pub mod live;
mod order;
mod subject;
pub mod values;

use std::time::Duration;

pub use instructions::requests;
use order::Order;
use subject::Subject;

use crate::apps::{IN_MEMORY, Variant};
use crate::statistics::median;
use crate::table::{Table, figure, thousands};
use crate::workload::Workload;

/// How often each is measured; the median counts.
const PASSES: usize = 7;

/// How long one pass is to take.
const PASS: Duration = Duration::from_millis(40);

/// How many requests the allocations are counted of.
const COUNTED: usize = 1_000;

/// What was measured of one application under one workload, per request.
#[derive(Clone, Copy)]
struct Cost {
    ns: f64,
    allocations: f64,
    bytes: f64,
    instructions: f64,
}

/// Measures and prints.
pub fn print() {
    let mut table = Table::new(
        &[
            "workload",
            "application",
            "ns",
            "over thin",
            "÷ thin",
            "allocations",
            "over thin",
            "bytes allocated",
            "instructions",
            "over thin",
        ],
        2,
    );
    for workload in Workload::MEASURED {
        let costs = measured(workload);
        for (variant, cost) in IN_MEMORY.iter().zip(&costs) {
            let at = IN_MEMORY.iter().position(|other| other.name == variant.over).expect("what it is compared with");
            table.line(&cells(workload, variant, *cost, costs[at]));
        }
    }
    table.print("In process, sessions in memory");
}

fn cells(workload: Workload, variant: &Variant, cost: Cost, thin: Cost) -> Vec<String> {
    vec![
        workload.name().to_owned(),
        variant.name.to_owned(),
        thousands(cost.ns),
        thousands(cost.ns - thin.ns),
        figure(cost.ns / thin.ns),
        figure(cost.allocations),
        figure(cost.allocations - thin.allocations),
        thousands(cost.bytes),
        thousands(cost.instructions),
        thousands(cost.instructions - thin.instructions),
    ]
}

/// Each application, measured under this workload: by turns, so that whatever changes on the machine changes for all.
fn measured(workload: Workload) -> Vec<Cost> {
    let mut subjects: Vec<_> = IN_MEMORY.iter().map(|variant| Subject::new(variant, Workload::Fill)).collect();
    let counts: Vec<_> = subjects.iter_mut().map(|subject| subject.requests_in(PASS, workload)).collect();
    let mut times = vec![Vec::new(); subjects.len()];
    for pass in 0..PASSES {
        // Another goes first each time.
        for turn in 0..subjects.len() {
            let at = (turn + pass) % subjects.len();
            times[at].push(subjects[at].time(workload, Order::One, counts[at]));
        }
    }
    let mut costs = Vec::new();
    for ((variant, subject), times) in IN_MEMORY.iter().zip(&mut subjects).zip(times) {
        let counts = subject.count(workload, COUNTED);
        costs.push(Cost {
            ns: median(times),
            allocations: counts.calls as f64 / COUNTED as f64,
            bytes: counts.allocated as f64 / COUNTED as f64,
            instructions: instructions::per_request(variant, workload),
        });
    }
    costs
}
