//! What a request costs at the store: commands, trips and bytes, counted on the wire between an application and its server.

mod wire;

use wire::{Counted, Wire};

use crate::http::client::Client;
use crate::served::{Process, Served, Store, StoreServer};
use crate::table::{Table, figure, thousands};
use crate::workload::{Visitor, Workload};

/// How many requests are made, one after another.
const REQUESTS: usize = 50;

/// Measures and prints. A file and the process's own memory have no wire.
pub fn print() {
    for store in [Store::Redis, Store::Postgres] {
        let mut table = Table::new(&["workload", "application", "commands", "trips", "bytes out", "bytes in"], 2);
        let server = StoreServer::start(store);
        let mut lines = Vec::new();
        for (number, served) in Served::over(store).enumerate() {
            lines.push(of_one(served, &server, number));
        }
        for (at, workload) in Workload::MEASURED.iter().enumerate() {
            for (served, counted) in Served::over(store).zip(&lines) {
                table.line(&cells(*workload, served, counted[at]));
            }
        }
        table.print(&format!("At the store per request, {}", store.name()));
    }
}

/// What each workload costs this application.
fn of_one(served: &'static Served, server: &StoreServer, number: usize) -> Vec<Counted> {
    let wire = Wire::to(server.port());
    let (_process, address) = Process::serve(served, &server.place(number, Some(wire.port())));
    let mut client = Client::to(address).expect("a server");
    let mut visitor = Visitor::stranger();
    client.ask(Workload::Fill, served.keeps, &mut visitor);
    let mut counted = Vec::new();
    for workload in Workload::MEASURED {
        // What is sent once, such as a statement that is prepared, does not count.
        ask(&mut client, served, workload, &mut visitor);
        let before = wire.counted();
        for _ in 0..REQUESTS {
            ask(&mut client, served, workload, &mut visitor);
        }
        counted.push(wire.counted() - before);
    }
    counted
}

fn ask(client: &mut Client, served: &Served, workload: Workload, visitor: &mut Visitor) {
    let mut stranger = Visitor::stranger();
    let visitor = if workload == Workload::Visit { &mut stranger } else { visitor };
    client.ask(workload, served.keeps, visitor);
}

fn cells(workload: Workload, served: &Served, counted: Counted) -> Vec<String> {
    let each = |count: u64| count as f64 / REQUESTS as f64;
    vec![
        workload.name().to_owned(),
        served.name.to_owned(),
        figure(each(counted.commands)),
        figure(each(counted.trips)),
        thousands(each(counted.sent)),
        thousands(each(counted.received)),
    ]
}
