//! Instructions per request, counted by valgrind: two runs of this program differ in nothing but how many requests they make.

use std::env;
use std::process::Command;

use super::order::Order;
use super::subject::Subject;
use crate::apps::{Variant, by_name};
use crate::workload::Workload;

/// How many requests the runs make.
const RUNS: [usize; 2] = [300, 800];

/// The instructions of one request; NaN where there is no valgrind.
pub(super) fn per_request(variant: &Variant, workload: Workload) -> f64 {
    let runs = RUNS.map(|count| collected(variant, workload, count));
    match runs {
        [Some(few), Some(many)] => (many - few) / (RUNS[1] - RUNS[0]) as f64,
        _ => f64::NAN,
    }
}

/// The instructions of a run.
fn collected(variant: &Variant, workload: Workload, count: usize) -> Option<f64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(env::current_exe().ok()?)
        .args(["requests", variant.name, workload.name(), &count.to_string()])
        .output()
        .ok()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    let collected = said.lines().find_map(|line| line.split("Collected : ").nth(1))?;
    collected.trim().parse().ok()
}

/// What such a run does.
pub fn requests(app: &str, workload: &str, count: &str) {
    let workload = Workload::MEASURED.into_iter().find(|known| known.name() == workload).expect("a workload");
    Subject::new(by_name(app), Workload::Fill).run(workload, Order::One, count.parse().expect("a number of requests"));
}
