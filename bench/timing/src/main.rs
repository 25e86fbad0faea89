//! Whether the time that it takes to refuse a wrong secret tells where its first wrong byte is.
//!
//! The method is that of dudect (Reparaz, Balasch, Verbauwhede: "Dude, is my code constant time?", 2017): two classes of inputs,
//! in one random order, each measured many times; Welch's t-test on the times, also with the slowest cropped, for those are
//! interrupts and other programs. Above 4.5 the classes differ beyond doubt. A comparison that stops at the first wrong byte is
//! measured too, as a control: where the method does not see that, it sees nothing.

mod cases;
mod statistics;

use std::process::ExitCode;

use cases::Case;
use statistics::{LEAK, Verdict};

/// How many samples each pair of classes gets, unless the first argument says otherwise.
const SAMPLES: usize = 1_000_000;

fn main() -> ExitCode {
    let samples = std::env::args().nth(1).map_or(SAMPLES, |text| text.parse().expect("a number of samples"));
    println!("{:44} {:>6} {:>9} {:>8} {:>8}", "wrong at byte 0, against", "byte", "samples", "|t|", "mean ns");
    let control = report(&cases::stops_at_the_first_wrong_byte(), samples);
    for case in [cases::secret_hash(), cases::access(), cases::access_with_previous(), cases::open()] {
        report(&case, samples);
    }
    if control < LEAK {
        println!("the control was not told apart: more samples, or a machine with less to do");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Prints a line for each position, and says the largest of the statistics.
fn report(case: &Case, samples: usize) -> f64 {
    let mut largest = 0_f64;
    for position in case.positions {
        let Verdict { t, mean } = case.measure(*position, samples);
        println!("{:44} {position:>6} {samples:>9} {t:>8.2} {mean:>8.1}", case.name);
        largest = largest.max(t);
    }
    largest
}
