//! Instructions and allocations of one request, by valgrind.

use std::process::Command;

use crate::{app::Case, cases, name};

/// Of two runs the shorter serves so many requests; what both do besides is in neither's difference.
const SHORT: usize = 200;
const MORE: usize = 1000;

#[derive(Clone, Copy, Debug)]
pub struct Cost {
    pub instructions: usize,
    pub allocations: usize,
}

/// What a request costs in each case.
pub fn all() -> Vec<(String, Cost)> {
    cases().map(|case| (name(case), cost(case))).collect()
}

fn cost(case: Case) -> Cost {
    Cost {
        instructions: each(case, &["--tool=callgrind", "--callgrind-out-file=/dev/null"], "Collected :"),
        allocations: each(
            case,
            &["--tool=memcheck", "--leak-check=no", "--undef-value-errors=no"],
            "total heap usage:",
        ),
    }
}

fn each(case: Case, tool: &[&str], words: &str) -> usize {
    let [short, long] =
        [SHORT, SHORT + MORE].map(|requests| said(tool, &["serve", &name(case), &requests.to_string()], words));
    (long - short + MORE / 2) / MORE
}

/// The number that valgrind says after these words about this program with these arguments.
pub fn said(tool: &[&str], arguments: &[&str], words: &str) -> usize {
    let own = std::env::current_exe().expect("this program's own path");
    let output = Command::new("valgrind").args(tool).arg(own).args(arguments).output();
    let output = output.expect("valgrind: install the package of that name");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    let number = text.split_once(words).and_then(|(_, rest)| rest.split_whitespace().next());
    number.and_then(|number| number.replace(',', "").parse().ok()).unwrap_or_else(|| panic!("no {words:?} in {text}"))
}
