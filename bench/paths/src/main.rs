//! What a request costs in process that does nothing with its session, reads a field, sets or updates one: how many instructions
//! and allocations more than one under the thinnest layer there can be.
//!
//! Counted by valgrind, so that the figures are the same on a busy machine; `baseline.txt` has those that are to be kept. One
//! that has grown by more than 3 % is a failure; `--bless` writes the new ones. With `time` it takes the time instead.

mod app;
mod baseline;
mod count;
mod heap;
mod thin;
mod time;

use std::process::ExitCode;

use app::{App, Around, Case, Position, Work};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [] => both(heap::check(), baseline::compare(&count::all())),
        ["--bless"] => baseline::bless(&count::all()),
        ["time"] => time::print(),
        ["hold", sessions] => heap::hold(sessions.parse().expect("a number of sessions")),
        ["serve", case, requests] => serve(case, requests.parse().expect("a number of requests")),
        _ => {
            eprintln!("nothing, `--bless` or `time`");
            ExitCode::FAILURE
        }
    }
}

fn both(one: ExitCode, other: ExitCode) -> ExitCode {
    if one == ExitCode::SUCCESS { other } else { one }
}

/// What is counted: serves so many requests, one after another.
fn serve(case: &str, requests: usize) -> ExitCode {
    let case = cases().find(|known| name(*known) == case).expect("a case");
    runtime().block_on(async {
        let mut app = App::new(case).await;
        for _ in 0..requests {
            app.serve().await;
        }
    });
    ExitCode::SUCCESS
}

/// The thinnest layer and ours, in both positions.
fn cases() -> impl Iterator<Item = Case> {
    [Position::Around, Position::Inside].into_iter().flat_map(|position| {
        let bare = Case { around: Around::Bare, work: Work::Nothing, position };
        let thin = Case { around: Around::Thin, work: Work::Nothing, position };
        let ours = Work::ALL.map(|work| Case { around: Around::Session, work, position });
        [bare, thin].into_iter().chain(ours)
    })
}

fn name(Case { around, work, position }: Case) -> String {
    match around {
        Around::Bare | Around::Thin => format!("{position:?}/{around:?}"),
        Around::Session => format!("{position:?}/{work:?}"),
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime")
}
