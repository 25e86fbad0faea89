//! What an absent field is.

use std::sync::atomic::{AtomicU32, Ordering};

use serde::{Deserialize, Serialize};
use session_runtime::{SessionData, SessionError};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Theme {
    Light,
    Dark,
}

static CALLS: AtomicU32 = AtomicU32::new(0);

#[derive(SessionData)]
struct Shop {
    user: Option<u64>,
    nested: Option<Option<u8>>,
    cart: Vec<String>,
    #[session(default)]
    count: u32,
    #[session(default = Theme::Dark)]
    theme: Theme,
    #[session(default = CALLS.fetch_add(1, Ordering::Relaxed))]
    counted: u32,
    #[session(default = [Self::LIMIT; 2])]
    limits: [u8; 2],
    #[session(default = { let words = ["a", "b"]; words.map(String::from).to_vec() })]
    words: Vec<String>,
    // Written in full it is an `Option` too; under another name it is a value like others.
    full: std::option::Option<u8>,
    maybe: Maybe,
}

type Maybe = Option<u8>;

impl Shop {
    const LIMIT: u8 = 7;
}

#[tokio::test]
async fn are_what_absent_fields_are() -> Result<(), SessionError> {
    let session = super::session::<Shop>();
    assert_eq!(session.user().await?, None);
    assert_eq!(session.nested().await?, None);
    assert_eq!(session.cart().await?, Vec::<String>::new());
    assert_eq!(session.count().await?, 0);
    assert_eq!(session.theme().await?, Theme::Dark);
    assert_eq!(session.limits().await?, [7, 7]);
    assert_eq!(session.words().await?, ["a", "b"]);
    assert_eq!(session.keys().await?, [""; 0]);
    Ok(())
}

#[tokio::test]
async fn are_where_updates_start() -> Result<(), SessionError> {
    let session = super::session::<Shop>();
    session.update_words(|words| words.push("c".into())).await?;
    assert_eq!(session.words().await?, ["a", "b", "c"]);
    session.update_user(|user| *user = user.or(Some(7))).await?;
    assert_eq!(session.user().await?, Some(7));
    Ok(())
}

#[tokio::test]
async fn are_evaluated_each_time() -> Result<(), SessionError> {
    let session = super::session::<Shop>();
    let (first, second) = (session.counted().await?, session.counted().await?);
    assert!(first < second);
    Ok(())
}

#[tokio::test]
async fn give_way_to_values_and_come_back() -> Result<(), SessionError> {
    let session = super::session::<Shop>();
    session.set_theme(Theme::Light).await?;
    assert_eq!(session.theme().await?, Theme::Light);
    assert_eq!(session.take_theme().await?, Some(Theme::Light));
    assert_eq!(session.theme().await?, Theme::Dark);
    assert_eq!(session.take_theme().await?, None);
    Ok(())
}

#[tokio::test]
async fn are_not_known_to_generic_calls() -> Result<(), SessionError> {
    let session = super::session::<Shop>();
    assert_eq!(session.get(&Shop::THEME).await?, None);
    assert!(!session.has_theme().await?);
    Ok(())
}

#[tokio::test]
async fn none_removes_an_option_by_its_name_only() -> Result<(), SessionError> {
    let session = super::session::<Shop>();
    session.set_full(3).await?;
    session.update_full(|full| *full = None).await?;
    session.set_maybe(None).await?;
    session.set_nested(None).await?;
    assert_eq!(session.keys().await?, ["nested", "maybe"]);
    assert_eq!(session.nested().await?, Some(None));
    Ok(())
}

#[tokio::test]
async fn fill_a_snapshot() -> Result<(), SessionError> {
    let session = super::session::<Shop>();
    session.set_count(3).await?;
    let shop = session.snapshot().await?;
    assert_eq!((shop.user, shop.count, shop.theme, shop.words.len()), (None, 3, Theme::Dark, 2));
    Ok(())
}
