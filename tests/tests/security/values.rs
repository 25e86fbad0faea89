//! Requirement 37: what is stored is read as what it should be, or not at all.

use std::sync::Arc;

use axum::routing::get;
use serde::{Deserialize, Serialize};
use session_runtime::record::{Basis, ChangeSet, Expiry, Guard, Outcome, Revision, SetField};
use session_runtime::store::Store as _;
use session_runtime::{Session, SessionData, SessionError, SessionManager};
use session_tests::{Browser, Site};

use crate::world::World;

#[derive(Debug, Serialize, Deserialize)]
enum Node {
    Leaf(String),
    List(Vec<Node>),
}

#[derive(SessionData)]
struct Stored {
    binary: Option<Node>,
    #[session(codec = "json")]
    text: Option<Node>,
    other: u64,
}

const LEAF: &str = "a leaf of some length";

fn kind(error: &SessionError) -> &'static str {
    match error {
        SessionError::Decode { .. } => "Decode",
        SessionError::Schema { .. } => "Schema",
        _ => "another error",
    }
}

/// Puts this in the place of a stored value, as somebody can who can write to the store.
async fn tamper(world: &World<'_>, browser: &Browser, key: &'static str, value: Vec<u8>) {
    let mut changes = ChangeSet::new(Basis::Guard(Guard::Any));
    changes.set.push(SetField {
        key,
        value: Some(Arc::from(value)),
        revision: Revision::random(),
        expiry: Expiry::Never,
    });
    let id = browser.token().unwrap().id();
    let outcome = world.store.commit(id, &changes, Some(world.clock.now())).await.unwrap();
    assert!(matches!(outcome, Outcome::Applied { .. }));
}

/// The value that was stored, with what its codec made of the leaf replaced.
fn with(stored: &[u8], leaf: &[u8], instead: &[u8]) -> Vec<u8> {
    let at = stored.windows(leaf.len()).position(|part| part == leaf).expect("the leaf");
    [&stored[..at], instead].concat()
}

async fn visit(world: &World<'_>) -> (Site, Browser) {
    type Handle = Session<Stored>;
    let sessions = SessionManager::<Stored>::builder(world.store.clone()).clock(&world.clock).build().unwrap();
    let pages = axum::Router::new()
        .route(
            "/set",
            get(async |session: Handle| {
                session.set_binary(Node::Leaf(LEAF.into())).await?;
                session.set_text(Node::List(vec![Node::Leaf(LEAF.into())])).await?;
                session.set_other(7).await
            }),
        )
        .route("/binary", get(async |session: Handle| session.binary().await.map(|node| format!("{node:?}"))))
        .route("/text", get(async |session: Handle| session.text().await.map(|node| format!("{node:?}"))))
        .route(
            "/why",
            get(async |session: Handle| {
                let (binary, text) = (session.binary().await.err(), session.text().await.err());
                format!("{:?} {:?}", binary.as_ref().map(kind), text.as_ref().map(kind))
            }),
        )
        .route("/other", get(async |session: Handle| session.other().await.map(|other| other.to_string())));
    let site = Site::open(&sessions, pages).await;
    let browser = Browser::new(&reqwest::Client::new(), &site.url(""), &world.tokens);
    browser.get("/set").await;
    (site, browser)
}

requirements! {
    /// Unknown variants, lengths that nothing has, values that end too soon or too late, and brackets without end.
    async fn requirement_37_a_value_that_was_tampered_with_is_a_typed_error_and_nothing_else(world) {
        let (_site, browser) = visit(&world).await;
        let id = browser.token().unwrap().id();
        let binary = world.stored(id, "binary").await.unwrap().value.unwrap();
        let text = world.stored(id, "text").await.unwrap().value.unwrap();
        // Before the leaf bincode writes the variant and the length, a byte each.
        let length = u8::try_from(LEAF.len()).unwrap();
        let leaf = [&[0, length], LEAF.as_bytes()].concat();
        let json = format!(r#"[{{"Leaf":"{LEAF}"}}]"#);
        let endless = [0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        let nested = |levels: usize| r#"[{"List":"#.repeat(levels);
        let hostile = [
            ("binary", with(&binary, &leaf, &[9])),
            ("binary", with(&binary, &leaf, &[&[0], &endless[..]].concat())),
            ("binary", with(&binary, &leaf, &[&[1], &endless[..]].concat())),
            ("binary", with(&binary, &leaf, &[1, 1].repeat(1 << 20))),
            ("binary", binary[..binary.len() - 1].to_vec()),
            ("binary", [&binary[..], b"more"].concat()),
            ("binary", Vec::new()),
            ("text", with(&text, json.as_bytes(), br#"[{"Branch":"x"}]"#)),
            ("text", with(&text, json.as_bytes(), nested(1 << 17).as_bytes())),
            ("text", [&text[..], b"]"].concat()),
            ("text", text[..text.len() - 1].to_vec()),
        ];
        for (key, value) in hostile {
            let shown = format!("{key}: {}", String::from_utf8_lossy(&value[..value.len().min(60)]));
            tamper(&world, &browser, key, value).await;
            let answer = browser.get(&format!("/{key}")).await;
            assert_eq!((answer.status.as_u16(), &*answer.text), (500, "Internal Server Error"), "{shown}");
            assert!(!browser.get("/why").await.text.contains("another"), "{shown}");
            assert_eq!(browser.get("/other").await.text, "7", "{shown}");
            tamper(&world, &browser, key, if key == "text" { text.to_vec() } else { binary.to_vec() }).await;
            assert_eq!(browser.get("/why").await.text, "None None", "{shown}");
        }
    }
}
