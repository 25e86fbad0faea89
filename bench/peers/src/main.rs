//! The same small application with session-runtime and with its peers, measured side by side. See `bench/README.md`.
#![forbid(unsafe_code)]

mod apps;
mod in_process;
mod sample;
mod statistics;
mod table;
mod workload;

#[global_allocator]
static ALLOCATOR: counting::Counting = counting::Counting;

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => {
            in_process::print();
            in_process::values::print();
            in_process::live::print();
        }
        ["in-process"] => in_process::print(),
        ["values"] => in_process::values::print(),
        ["memory"] => in_process::live::print(),
        // What the program starts of itself.
        ["requests", app, workload, count] => in_process::requests(app, workload, count),
        ["live", app, sessions] => in_process::live::measure(app, sessions),
        _ => panic!("not a part of the benchmark: {arguments:?}"),
    }
}
