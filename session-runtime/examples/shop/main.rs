//! A small shop: the demo of `session-runtime`, with axum and maud.
//!
//! ```text
//! cargo run --example shop -- --port 3000 --store shop.db
//! cargo run --example shop --features redis -- --store redis://127.0.0.1
//! ```
//!
//! Begin with `schema.rs`: it is all that the shop says about sessions. The handlers use what the derive made of
//! it. What a visitor does is kept in the store, so a restart of the shop loses no cart and signs nobody
//! out.

use std::io::Write;
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use session_runtime::{CookieOptions, SessionManager, Store};
use tokio::net::TcpListener;

use crate::error::StartError;
use crate::schema::Shop;

mod cart;
mod catalogue;
mod checkout;
mod device;
mod error;
mod frame;
mod handlers;
mod pages;
mod schema;
mod store;
mod time;
mod visits;

/// How often sessions that have ended are deleted.
const SWEEP_EVERY: Duration = Duration::from_secs(5 * 60);

/// A small shop that keeps its visitors' carts in sessions.
#[derive(Parser)]
struct Args {
    /// The port to listen on; 0 for any that is free.
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// What keeps the sessions: a file for SQLite, created if it is not there; `memory`; or, with the feature of the same
    /// name, redis://…, postgres://… or mysql://…; or, with `opendal`, files://FOLDER
    #[arg(long, value_name = "PLACE", default_value = "shop.db")]
    store: String,
    /// How often a visitor's cookie gets a new secret.
    #[arg(long, value_name = "SECONDS", default_value_t = 60 * 60)]
    renew_after: u64,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    match run(Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("shop: {}", error::one_line(&error));
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> Result<(), StartError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, args.port))
        .await
        .map_err(|source| StartError::Listen { port: args.port, source })?;
    let store::Opened { store, close, place } = store::open(&args.store).await?;
    let sessions = manager(store, Duration::from_secs(args.renew_after))?;
    let sweeper = sessions.spawn_sweeper(SWEEP_EVERY);
    announce(&listener, &place)?;

    let shop = handlers::router(sessions.clone()).layer(sessions.layer());
    axum::serve(listener, shop).with_graceful_shutdown(interrupted()).await.map_err(StartError::Serve)?;

    sweeper.stop().await;
    close.await;
    Ok(())
}

/// The one place where the shop differs from a real service, which keeps the default cookie: `__Host-session;
/// Secure`. This demo speaks plain HTTP on localhost, where Chromium and Firefox take that cookie too, but Safari
/// does not.
fn manager(store: impl Store, renew_after: Duration) -> session_runtime::Result<SessionManager<Shop>> {
    let cookie = CookieOptions::plain_http().name("shop-session");
    // The secret before is good for requests under way.
    let grace = renew_after.min(Duration::from_secs(60));
    SessionManager::builder(store).cookie(cookie).renew_after(renew_after).renewal_grace(grace).build()
}

/// Says where the shop is, at once even if the output goes to a pipe.
fn announce(listener: &TcpListener, place: &str) -> Result<(), StartError> {
    let address = listener.local_addr().map_err(StartError::Serve)?;
    let text = format!("The shop is open at http://{address}\nIts sessions are kept in {place}\n");
    let mut out = std::io::stdout().lock();
    // Where nobody listens, the shop is open all the same.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    Ok(())
}

/// Ready when ctrl-c is pressed. Where that can't be listened for, the shop stays open until it is killed.
async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
