//! The same small application with session-runtime and with its peers, measured side by side. See `bench/README.md`.
#![forbid(unsafe_code)]

mod apps;
mod at_store;
mod http;
mod in_process;
mod sample;
mod scale;
mod served;
mod statistics;
mod table;
mod workload;

use served::Store;

#[global_allocator]
static ALLOCATOR: counting::Counting = counting::Counting;

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        // What the program starts of itself.
        ["requests", app, workload, count] => in_process::requests(app, workload, count),
        ["live", app, sessions] => in_process::live::measure(app, sessions),
        ["serve", app, place] => served::serve(app, place),
        [] => ["in-process", "values", "memory", "http", "stores", "scale"].into_iter().for_each(part),
        _ => arguments.into_iter().for_each(part),
    }
}

/// Measures and prints one part.
fn part(name: &str) {
    match name {
        "in-process" => in_process::print(),
        "values" => in_process::values::print(),
        "memory" => in_process::live::print(),
        "http" => http::print(&Store::ALL),
        "http-memory" => http::print(&[Store::Memory]),
        "http-redis" => http::print(&[Store::Redis]),
        "http-sqlite" => http::print(&[Store::Sqlite]),
        "http-postgres" => http::print(&[Store::Postgres]),
        "stores" => at_store::print(),
        "scale" => scale::print(),
        _ => panic!("not a part of the benchmark: {name}"),
    }
}
