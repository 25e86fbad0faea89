//! `codec`, `version`, `migrate` and `on_mismatch`, in every spelling.

use session_runtime::{Session, SessionData, SessionError};

use std::collections::HashMap;

#[derive(serde::Serialize, serde::Deserialize)]
struct OldCart {
    items: Vec<String>,
}

impl OldCart {
    fn upgraded(self) -> Vec<String> {
        self.items
    }
}

fn split(old: String) -> Vec<String> {
    old.split(',').map(str::to_owned).collect()
}

#[derive(SessionData)]
struct Shop {
    #[session(codec = "bincode", version = 1, on_mismatch = "error")]
    plain: u8,
    #[session(codec = "json", version = 0x10, on_mismatch = "default")]
    note: Option<String>,
    #[session(version = 4_294_967_295)]
    last: Option<String>,
    #[session(codec = r"json", version = 3)]
    #[session(migrate(OldCart => OldCart::upgraded), lazy)]
    #[session(migrate(String => split, Vec<String> => |old| old, version = 2,))]
    cart: Vec<String>,
    #[session(
        migrate(
            HashMap<String, Vec<u8>> => |counts| counts.into_values().flatten().map(u32::from).sum(),
            (u8, String) => |(count, _)| u32::from(count), version = 1,
            [u8; 4] => u32::from_le_bytes,
            u16 => Into::<u32>::into,
        ),
        default = 3, ttl = "1h", rotate, rename = "counted", alias = "number",
    )]
    count: u32,
    #[session(migrate(u32 => |id| u64::from(id)))]
    user: Option<u64>,
    #[session(version = 2, migrate(u8 => |on| on == 1, version = 1), migrate(bool => |off| !off, version = 1))]
    wide: bool,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.update_cart(|cart| cart.push("apple".into())).await?;
    session.set_user(session.user().await?.unwrap_or(7)).await?;
    session.set_count(session.count().await? + 1).await
}

fn main() {
    let _ = handler;
    assert_eq!(Shop::COUNT.key(), "counted");
}
