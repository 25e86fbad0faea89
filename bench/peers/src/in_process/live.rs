//! Many live sessions of 1 kB: what a request costs among them, and what memory they take.
//!
//! Each application is alone in a process of its own, for a million sessions of all of them would not fit. The thin layer is
//! measured beside it, by turns and with the same visitors: their cookies come out of the same cold memory.

use std::process::Command;
use std::{env, fs};

use ::http::HeaderValue;

use super::order::Order;
use super::subject::Subject;
use crate::apps::{IN_MEMORY, Variant, by_name};
use crate::statistics::median;
use crate::table::{Table, figure, thousands};
use crate::workload::Workload;

/// How many sessions.
const SESSIONS: [usize; 2] = [10_000, 1_000_000];

/// How often each is measured; the median counts.
const PASSES: usize = 5;

/// How many requests a pass makes.
const REQUESTS: usize = 10_000;

/// What is asked, by whom, and what the table calls it.
const ASKED: [(Workload, Order, &str); 4] = [
    (Workload::None, Order::Scattered, "untouched, any"),
    (Workload::Read, Order::Scattered, "read, any"),
    (Workload::Set, Order::Scattered, "set, any"),
    (Workload::Read, Order::MostlyOne, "read, nine in ten one"),
];

/// Measures and prints.
pub(crate) fn print() {
    let mut columns = vec!["sessions".to_owned(), "application".to_owned()];
    columns.extend(ASKED.iter().flat_map(|(_, _, name)| [format!("{name}, ns"), "÷ thin".to_owned()]));
    columns.extend(["heap bytes per session".to_owned(), "resident bytes per session".to_owned()]);
    let columns: Vec<_> = columns.iter().map(String::as_str).collect();
    let mut table = Table::new(&columns, 2);
    for sessions in SESSIONS {
        for variant in IN_MEMORY.iter().filter(|variant| variant.keeps) {
            let figures = in_a_process_of_its_own(variant, sessions);
            let names = [thousands(sessions as f64), variant.name.to_owned()];
            table.line(&names.into_iter().chain(figures).collect::<Vec<_>>());
        }
    }
    table.print("In process, many live sessions of 1 kB in memory");
}

/// The cells of one application.
fn in_a_process_of_its_own(variant: &Variant, sessions: usize) -> Vec<String> {
    let program = env::current_exe().expect("this program");
    let output = Command::new(program).args(["live", variant.name, &sessions.to_string()]).output().expect("a process");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

/// What such a process does: prints the cells, one in a line.
pub(crate) fn measure(app: &str, sessions: &str) {
    let sessions = sessions.parse().expect("a number of sessions");
    let variant = by_name(app);
    let mut subject = Subject::new(variant, Workload::FillSmall);
    let (heap, resident) = memory(&mut subject, sessions);
    let mut thin = Subject::new(by_name(variant.over), Workload::FillSmall);
    thin.visitors.clone_from(&subject.visitors);
    for (workload, order, _) in ASKED {
        let (ns, thin_ns) = times(&mut subject, &mut thin, workload, order);
        println!("{}\n{}", thousands(ns), figure(ns / thin_ns));
    }
    println!("{}\n{}", thousands(heap / sessions as f64), thousands(resident / sessions as f64));
}

/// The medians of the application and of the thin one.
fn times(subject: &mut Subject, thin: &mut Subject, workload: Workload, order: Order) -> (f64, f64) {
    let passes = (0..PASSES).map(|_| (subject.time(workload, order, REQUESTS), thin.time(workload, order, REQUESTS)));
    let (times, thin_times) = passes.unzip();
    (median(times), median(thin_times))
}

/// Begins so many sessions. How many bytes of the heap they take, and of resident memory: their visitors' are not counted.
fn memory(subject: &mut Subject, sessions: usize) -> (f64, f64) {
    subject.visitors.reserve_exact(sessions);
    let before = resident();
    let held = counting::count(|| subject.admit(sessions, Workload::FillSmall)).held();
    let resident = resident() - before;
    let mut copies = Vec::with_capacity(sessions + 1);
    let cookies = counting::count(|| {
        copies.extend(subject.visitors.iter().map(|visitor| HeaderValue::from_bytes(visitor.cookie.as_bytes())));
    });
    let visitors = cookies.held() + (sessions * size_of::<crate::workload::Visitor>()) as i64;
    // What was reserved for the visitors was not resident before it was written.
    ((held - cookies.held()) as f64, (resident - visitors) as f64)
}

/// The bytes of this process that are in memory.
fn resident() -> i64 {
    let told = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = told.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("the line of what is resident");
    let kibibytes: i64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
    kibibytes * 1024
}
