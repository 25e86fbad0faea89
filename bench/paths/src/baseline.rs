//! The figures that are to be kept.

use std::path::Path;
use std::process::ExitCode;

use crate::count::Cost;

/// How much a count of instructions may grow: in hundredths.
const MAY_GROW: usize = 3;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/baseline.txt");

/// Prints the figures, and fails where one has grown.
pub fn compare(costs: &[(String, Cost)]) -> ExitCode {
    let kept = std::fs::read_to_string(FILE).expect("the baseline: `--bless` makes it");
    let kept: Vec<_> = kept.lines().filter_map(parse).collect();
    let mut has_grown = false;
    for (name, cost) in costs {
        let before = kept.iter().find(|(known, _)| known == name).map(|(_, cost)| *cost);
        let grew = before.is_none_or(|before| is_more(*cost, before));
        println!("{}{}", line(name, *cost), note(before, grew));
        has_grown |= grew;
    }
    if has_grown {
        eprintln!("more than in {FILE}: find out why, or accept it with `--bless`");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Has these figures kept.
pub fn bless(costs: &[(String, Cost)]) -> ExitCode {
    let lines: String = costs.iter().map(|(name, cost)| line(name, *cost) + "\n").collect();
    print!("{lines}");
    std::fs::write(Path::new(FILE), lines).expect("the baseline can be written");
    ExitCode::SUCCESS
}

fn is_more(cost: Cost, before: Cost) -> bool {
    cost.instructions * 100 > before.instructions * (100 + MAY_GROW) || cost.allocations > before.allocations
}

fn note(before: Option<Cost>, grew: bool) -> String {
    match (before, grew) {
        (None, _) => "   not known before".into(),
        (Some(before), true) => format!("   more than {} and {}", before.instructions, before.allocations),
        (Some(_), false) => String::new(),
    }
}

fn line(name: &str, Cost { instructions, allocations }: Cost) -> String {
    format!("{name:15} {instructions:6} instructions {allocations:3} allocations")
}

fn parse(line: &str) -> Option<(String, Cost)> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [name, instructions, _, allocations, _] = words.as_slice() else { return None };
    Some((name.to_string(), Cost { instructions: instructions.parse().ok()?, allocations: allocations.parse().ok()? }))
}
