//! The time that a request takes, in turns so that whatever else the machine does meets all alike.

use std::process::ExitCode;
use std::time::Instant;

use crate::app::{App, Around};
use crate::{cases, name, runtime};

const ROUNDS: usize = 15;
const WARM_UP: usize = 2_000;
const REQUESTS: usize = 20_000;

/// Prints the median in nanoseconds, and how much more it is than that under the thinnest layer in the same position.
pub fn print() -> ExitCode {
    runtime().block_on(async {
        let mut apps = Vec::new();
        for case in cases() {
            apps.push((case, App::new(case).await, Vec::new()));
        }
        for _ in 0..ROUNDS {
            for (_, app, times) in &mut apps {
                times.push(round(app).await);
            }
        }
        let mut thin = 0.0;
        for (case, _, times) in &mut apps {
            times.sort_by(f64::total_cmp);
            let median = times[ROUNDS / 2];
            if case.around == Around::Thin {
                thin = median;
            }
            let over = if case.around == Around::Session {
                format!(", {:4.0} over the thinnest layer", median - thin)
            } else {
                String::new()
            };
            println!("{:15} {median:5.0} ns{over}", name(*case));
        }
    });
    ExitCode::SUCCESS
}

/// What a request takes, in nanoseconds.
async fn round(app: &mut App) -> f64 {
    for _ in 0..WARM_UP {
        app.serve().await;
    }
    let begin = Instant::now();
    for _ in 0..REQUESTS {
        app.serve().await;
    }
    begin.elapsed().as_nanos() as f64 / REQUESTS as f64
}
