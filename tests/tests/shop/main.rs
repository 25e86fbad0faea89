//! The demo shop as its users meet it: a program that is started, visited over HTTP and with a browser, and
//! restarted.

use std::time::Duration;

mod browser;
mod cart;
mod checkout;
mod devices;
mod forms;
mod program;
mod sign_in;
mod start;
mod visitor;

/// How long anything here may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(20);
