//! `cargo run -p composition-site -- --port 3000`

use std::net::Ipv4Addr;

use composition_site::app;
use session_runtime::{MemoryStore, SessionManager};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port()?)).await?;
    let sessions = SessionManager::new(MemoryStore::new());
    println!("The site is open at http://localhost:{}", listener.local_addr()?.port());
    axum::serve(listener, app(&sessions)).await?;
    Ok(())
}

/// 3000, or what follows `--port`; 0 for any that is free.
fn port() -> Result<u16, Box<dyn std::error::Error>> {
    match std::env::args().skip(1).collect::<Vec<_>>().as_slice() {
        [] => Ok(3000),
        [name, port] if name == "--port" => Ok(port.parse()?),
        _ => Err("usage: composition-site [--port PORT]".into()),
    }
}
