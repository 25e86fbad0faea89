//! What the fuzzer runs: each module's `run` takes any bytes and panics where a guarantee does not hold.
#![forbid(unsafe_code)]

pub mod cookie;
pub mod csrf;
pub mod envelope;
mod input;
pub mod record;
pub mod token;

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use tokio::runtime::{Builder, Runtime};

thread_local! {
    // `update` and `take` ask for its clock, even where nobody makes them wait.
    static RUNTIME: Runtime = Builder::new_current_thread().enable_time().build().expect("a runtime can be made");
}

/// What a future gives that has nothing to wait for: the stores here are in memory, and nobody else uses them.
fn ready<T>(future: impl Future<Output = T>) -> T {
    RUNTIME.with(|runtime| ready_in(runtime, future))
}

fn ready_in<T>(runtime: &Runtime, future: impl Future<Output = T>) -> T {
    let _entered = runtime.enter();
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing is under way, but something is waited for"),
    }
}
