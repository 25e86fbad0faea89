//! Astro's unit tests of its session object (35 cases), in their order there.
//!
//! | source case | test |
//! | --- | --- |
//! | 1 set an object, get it | `astro_01_an_object_is_got_as_it_was_set` |
//! | 2 has | `astro_02_has_tells_set_fields_from_others` |
//! | 3 delete | `astro_03_a_deleted_value_is_absent` |
//! | 4 keys | `astro_04_keys_are_in_order` (differs) |
//! | 5 set sets a cookie | `astro_05_first_set_sends_a_cookie` (HTTP, both stores) |
//! | 6 destroy deletes the cookie | `astro_06_destroy_removes_the_cookie` (HTTP, both stores) |
//! | 7 regenerate keeps the data | `astro_07_regenerate_keeps_the_data` |
//! | 8 regenerate changes the ID | `astro_08_regenerate_changes_the_token` (differs) |
//! | 9 regenerate keeps what was persisted | `astro_09_what_was_stored_is_there_after_regenerate` (differs) |
//! | 10 persist stores the value | `astro_10_commit_stores_the_value` |
//! | 11 load a stored value | `astro_11_a_stored_value_is_loaded` |
//! | 12 an expired entry | `astro_12_an_expired_value_is_absent` (both stores) |
//! | 13 not serializable | `astro_13_a_value_that_does_not_encode_is_an_error` |
//! | 14 empty key | `astro_14_no_key_is_empty` (differs) |
//! | 15 data that does not parse | `astro_15_a_corrupt_value_is_an_error_of_its_field` (differs; both stores) |
//! | 16 custom cookie name | `astro_16_the_cookie_has_the_name_it_was_given` (HTTP, both stores) |
//! | 17 default cookie name | `astro_17_the_cookie_has_a_default_name` (differs; HTTP, both stores) |
//! | 18 changes before the load | `astro_18_changes_before_the_load_win` |
//! | 19 delete before the load | `astro_19_a_delete_before_the_load_stays` |
//! | 20 delete, persist, reload | `astro_20_a_delete_is_stored` |
//! | 21 delete as first mutation | `astro_21_a_delete_as_first_call_is_stored` |
//! | 22 set over a stored key | `astro_22_a_set_replaces_the_stored_value` |
//! | 23 destroy removes the record | `astro_23_destroy_removes_the_record` (differs) |
//! | 24 destroy without a load | `astro_24_destroy_without_a_load_is_one_removal` |
//! | 25 destroy with a foreign cookie | `astro_25_a_foreign_cookie_destroys_nothing` |
//! | 26 always HttpOnly | `astro_26_the_cookie_is_always_http_only` (differs; HTTP, both stores) |
//! | 27 production cookie | `astro_27_the_cookie_is_secure_and_lax` (HTTP, both stores) |
//! | 28 development cookie | `astro_28_the_cookie_for_plain_http_is_lax` (differs; HTTP, both stores) |
//! | 29 malformed cookie, set | `astro_29_a_malformed_cookie_is_not_adopted` (HTTP, both stores) |
//! | 30 the store fails to save | `astro_30_a_failing_store_is_an_error` |
//! | 31 stored data of another type | `astro_31_a_value_of_another_type_is_an_error_of_its_field` (differs) |
//! | 32 no cookie, get | `astro_32_a_get_without_cookie_costs_nothing` |
//! | 33 cookie, get | `astro_33_a_get_with_cookie_is_one_load` |
//! | 34 no cookie, set, get | `astro_34_a_visitors_first_value_is_readable` |
//! | 35 regenerate over corrupt data | `astro_35_regenerate_survives_corrupt_data` (differs) |

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use session_runtime::{
    CookieOptions, MemoryStore, Result, Session, SessionData, SessionError, SessionManager, Store, Token,
};

use crate::support::*;

const COOKIE: &str = "test-session";

#[derive(SessionData)]
struct Data {
    user: Option<User>,
    key: Option<String>,
    key1: Option<String>,
    key2: Option<String>,
    other: Option<String>,
    keep: Option<String>,
    delete: Option<String>,
    #[session(rename = "update")]
    updated: Option<String>,
    #[session(rename = "new")]
    added: Option<String>,
    #[session(ttl = "60s")]
    short: Option<String>,
    callback: Option<Callback>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct User {
    name: String,
    roles: Vec<String>,
}

/// What can't be stored, and only knows it when it is tried.
#[derive(Debug)]
struct Callback;

impl Serialize for Callback {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("a function can't be stored"))
    }
}

impl<'de> Deserialize<'de> for Callback {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Ok(Self)
    }
}

fn options() -> CookieOptions {
    CookieOptions::new().name(COOKIE)
}

fn manager_with(store: impl Store, cookie: CookieOptions) -> SessionManager<Data> {
    SessionManager::builder(store).cookie(cookie).build().unwrap()
}

fn manager(store: impl Store) -> SessionManager<Data> {
    manager_with(store, options())
}

/// A new session that stores nothing before `commit`.
fn session() -> Session<Data> {
    manager(MemoryStore::new()).start().buffered()
}

/// The token of a stored session with this in `key`, and in `other`.
async fn stored(sessions: &SessionManager<Data>, key: &str) -> Token {
    let session = sessions.start().buffered();
    session.set_key(key.into()).await.unwrap();
    session.set_other("kept".into()).await.unwrap();
    session.commit().await.unwrap();
    session.token().unwrap()
}

fn some(text: &str) -> Option<String> {
    Some(text.into())
}

fn cookie(value: impl std::fmt::Display) -> String {
    format!("{COOKIE}={value}")
}

/// A site whose pages set, show and destroy.
async fn site(store: AnyStore, options: CookieOptions) -> Site {
    let routes = Router::new()
        .route("/set", get(async |session: Session<Data>| session.set_key("value".into()).await))
        .route("/get", get(async |session: Session<Data>| session.key().await.map(Option::unwrap_or_default)))
        .route("/destroy", get(async |session: Session<Data>| session.destroy().await));
    Site::serve(routes.layer(manager_with(store, options).layer())).await
}

on_each_store!(
    astro_05_first_set_sends_a_cookie,
    astro_06_destroy_removes_the_cookie,
    astro_12_an_expired_value_is_absent,
    astro_15_a_corrupt_value_is_an_error_of_its_field,
    astro_16_the_cookie_has_the_name_it_was_given,
    astro_17_the_cookie_has_a_default_name,
    astro_26_the_cookie_is_always_http_only,
    astro_27_the_cookie_is_secure_and_lax,
    astro_28_the_cookie_for_plain_http_is_lax,
    astro_29_a_malformed_cookie_is_not_adopted,
);

/// An object that was set is got deeply equal.
#[tokio::test]
async fn astro_01_an_object_is_got_as_it_was_set() {
    let user = || User { name: "Ada".into(), roles: vec!["admin".into(), "author".into()] };
    let session = session();
    session.set_user(user()).await.unwrap();
    assert_eq!(session.user().await.unwrap(), Some(user()));
}

/// `has` is true for a set key and false for another.
#[tokio::test]
async fn astro_02_has_tells_set_fields_from_others() {
    let session = session();
    session.set_key("value".into()).await.unwrap();
    assert!(session.has_key().await.unwrap());
    assert!(!session.has_other().await.unwrap());
}

/// A value that was set and deleted is absent.
#[tokio::test]
async fn astro_03_a_deleted_value_is_absent() {
    let session = session();
    session.set_key("value".into()).await.unwrap();
    session.remove_key().await.unwrap();
    assert_eq!(session.key().await.unwrap(), None);
}

/// `keys` lists both keys, in the order in which they were set. Ours: in the order of the struct.
#[tokio::test]
async fn astro_04_keys_are_in_order() {
    let session = session();
    session.set_key2("b".into()).await.unwrap();
    session.set_key1("a".into()).await.unwrap();
    assert_eq!(session.keys().await.unwrap(), ["key1", "key2"]);
}

/// The first set makes the response set a cookie.
async fn astro_05_first_set_sends_a_cookie(store: AnyStore) {
    let site = site(store, options()).await;
    let mut browser = site.browser();
    assert!(browser.get("/get").await.cookies.is_empty());
    assert_eq!(browser.get("/set").await.cookie().name(), COOKIE);
    assert_eq!(browser.get("/get").await.body, "value");
}

/// Destroying deletes the cookie, by its name and path.
async fn astro_06_destroy_removes_the_cookie(store: AnyStore) {
    let site = site(store, options()).await;
    let mut browser = site.browser();
    browser.get("/set").await;
    let page = browser.get("/destroy").await;
    let removal = page.cookie();
    assert_eq!((removal.name(), removal.value()), (COOKIE, ""));
    assert_eq!((removal.attribute("Path"), removal.max_age()), (Some("/"), Some(Duration::ZERO)));
}

/// A value is there after regenerating.
#[tokio::test]
async fn astro_07_regenerate_keeps_the_data() {
    let session = session();
    session.set_key("value".into()).await.unwrap();
    session.regenerate().await.unwrap();
    assert_eq!(session.key().await.unwrap(), some("value"));
}

/// Regenerating changes the session ID. Ours: the ID names the session for its whole life; the token is what changes.
#[tokio::test]
async fn astro_08_regenerate_changes_the_token() {
    let sessions = manager(MemoryStore::new());
    let session = sessions.open(&stored(&sessions, "value").await).await.unwrap().unwrap();
    let (id, before) = (session.id(), session.token().unwrap());
    session.regenerate().await.unwrap();
    let after = session.token().unwrap();
    assert_eq!(session.id(), id);
    assert_ne!(after, before);
    assert!(sessions.open(&before).await.unwrap().is_none());
    assert!(sessions.open(&after).await.unwrap().is_some());
}

/// What was persisted before regenerating is read under the new ID, without another set. Ours: under the new token.
#[tokio::test]
async fn astro_09_what_was_stored_is_there_after_regenerate() {
    let sessions = manager(MemoryStore::new());
    let session = sessions.start().buffered();
    session.set_key("value".into()).await.unwrap();
    session.commit().await.unwrap();
    session.regenerate().await.unwrap();
    session.commit().await.unwrap();
    let reopened = sessions.open(&session.token().unwrap()).await.unwrap().unwrap();
    assert_eq!(reopened.key().await.unwrap(), some("value"));
}

/// Persisting writes the value to the storage.
#[tokio::test]
async fn astro_10_commit_stores_the_value() {
    let store: AnyStore = Arc::new(MemoryStore::new());
    let session = manager(store.clone()).start().buffered();
    session.set_key("value".into()).await.unwrap();
    let id = session.id().unwrap();
    assert_eq!(stored_bytes(&store, id, "key").await, None);
    session.commit().await.unwrap();
    assert!(stored_bytes(&store, id, "key").await.unwrap().ends_with(b"value"));
}

/// A value that is in the storage is loaded.
#[tokio::test]
async fn astro_11_a_stored_value_is_loaded() {
    let store = Arc::new(MemoryStore::new());
    let token = stored(&manager(store.clone()), "value").await;
    let session = manager(store).open(&token).await.unwrap().unwrap();
    assert_eq!(session.key().await.unwrap(), some("value"));
}

/// An entry whose expiry is over is absent.
async fn astro_12_an_expired_value_is_absent(store: AnyStore) {
    let time = ManualClock::new();
    let sessions = SessionManager::<Data>::builder(store).clock(time.clock()).build().unwrap();
    let session = sessions.start();
    session.set_short("value".into()).await.unwrap();
    session.set_key("value".into()).await.unwrap();
    for (passed, expected) in [(59, some("value")), (1, None)] {
        time.advance(Duration::from_secs(passed));
        let reopened = sessions.open(&session.token().unwrap()).await.unwrap().unwrap();
        assert_eq!(reopened.short().await.unwrap(), expected);
        assert_eq!(reopened.key().await.unwrap(), some("value"));
    }
}

/// Setting a value that can't be serialized is an error.
#[tokio::test]
async fn astro_13_a_value_that_does_not_encode_is_an_error() {
    let session = session();
    let error = session.set_callback(Callback).await.unwrap_err();
    assert!(matches!(error, SessionError::Encode { field: "callback", .. }), "{error:?}");
    assert!(!session.has_callback().await.unwrap());
}

/// Setting without a key is an error. Ours: keys are known at compile time, where an empty one is refused.
#[test]
fn astro_14_no_key_is_empty() {
    assert_eq!([Data::KEY.key(), Data::UPDATED.key(), Data::ADDED.key()], ["key", "update", "new"]);
}

/// Stored data that does not parse is an error of `get`. Ours: of that field alone; others go on, and the bytes stay.
async fn astro_15_a_corrupt_value_is_an_error_of_its_field(store: AnyStore) {
    let sessions = manager(store.clone());
    let token = stored(&sessions, "value").await;
    overwrite(&store, token.id(), "key", b"invalid").await;
    let session = sessions.open(&token).await.unwrap().unwrap();
    let error = session.key().await.unwrap_err();
    assert!(matches!(error, SessionError::Decode { field: "key", .. }), "{error:?}");
    assert_eq!(session.other().await.unwrap(), some("kept"));
    assert_eq!(stored_bytes(&store, token.id(), "key").await.as_deref(), Some(&b"invalid"[..]));
}

/// The cookie has the name from the configuration.
async fn astro_16_the_cookie_has_the_name_it_was_given(store: AnyStore) {
    let site = site(store, CookieOptions::new().name("custom-session")).await;
    assert_eq!(site.browser().get("/set").await.cookie().name(), "custom-session");
}

/// Without configuration the cookie has the default name. Ours: `__Host-session`, which browsers take from this host
/// alone.
async fn astro_17_the_cookie_has_a_default_name(store: AnyStore) {
    let site = site(store, CookieOptions::default()).await;
    assert_eq!(site.browser().get("/set").await.cookie().name(), "__Host-session");
}

/// Changes made before the data is loaded win over it: kept, deleted, replaced and new values.
#[tokio::test]
async fn astro_18_changes_before_the_load_win() {
    let sessions = manager(MemoryStore::new());
    let before = sessions.start().buffered();
    before.set_keep("original".into()).await.unwrap();
    before.set_delete("original".into()).await.unwrap();
    before.set_updated("original".into()).await.unwrap();
    before.commit().await.unwrap();
    visit_with(&sessions, cookie(before.token().unwrap()), async |session| {
        session.remove_delete().await.unwrap();
        session.set_updated("new".into()).await.unwrap();
        session.set_added("value".into()).await.unwrap();
        assert_eq!(session.keep().await.unwrap(), some("original"));
        assert_eq!(session.delete().await.unwrap(), None);
        assert_eq!(session.updated().await.unwrap(), some("new"));
        assert_eq!(session.added().await.unwrap(), some("value"));
    })
    .await;
}

/// A key deleted before the load is absent, also after another key was set.
#[tokio::test]
async fn astro_19_a_delete_before_the_load_stays() {
    let sessions = manager(MemoryStore::new());
    let token = stored(&sessions, "value").await;
    visit_with(&sessions, cookie(token), async |session| {
        session.remove_key().await.unwrap();
        assert_eq!(session.key().await.unwrap(), None);
        assert!(!session.has_key().await.unwrap());
        session.set_other("new".into()).await.unwrap();
        assert_eq!(session.key().await.unwrap(), None);
    })
    .await;
}

/// A deleted key is not there when what was stored is loaded again.
#[tokio::test]
async fn astro_20_a_delete_is_stored() {
    let sessions = manager(MemoryStore::new());
    let token = stored(&sessions, "value").await;
    visit_with(&sessions, cookie(token), async |session| {
        assert_eq!(session.key().await.unwrap(), some("value"));
        session.remove_key().await.unwrap();
    })
    .await;
    let session = sessions.open(&token).await.unwrap().unwrap();
    assert_eq!(session.keys().await.unwrap(), ["other"]);
}

/// A delete that is the very first call is stored too. Ours costs no load.
#[tokio::test]
async fn astro_21_a_delete_as_first_call_is_stored() {
    let store = FaultyStore::new(MemoryStore::new());
    let sessions = manager(store.clone());
    let token = stored(&sessions, "value").await;
    store.forget();
    visit_with(&sessions, cookie(token), async |session| session.remove_key().await.unwrap()).await;
    assert_eq!(calls(&store), [Operation::Commit]);
    assert_eq!(sessions.open(&token).await.unwrap().unwrap().key().await.unwrap(), None);
}

/// A value set over a stored one replaces it, and its key is listed once.
#[tokio::test]
async fn astro_22_a_set_replaces_the_stored_value() {
    let sessions = manager(MemoryStore::new());
    let before = sessions.start();
    before.set_key("original".into()).await.unwrap();
    visit_with(&sessions, cookie(before.token().unwrap()), async |session| {
        session.set_key("new".into()).await.unwrap();
        assert_eq!(session.key().await.unwrap(), some("new"));
        assert_eq!(session.keys().await.unwrap(), ["key"]);
    })
    .await;
}

/// Destroying removes the record from the storage. Ours: at once; a session that was never stored asks for no removal.
#[tokio::test]
async fn astro_23_destroy_removes_the_record() {
    let store = FaultyStore::new(MemoryStore::new());
    let any: AnyStore = Arc::new(store.clone());
    let session = manager(store.clone()).start().buffered();
    session.set_key("value".into()).await.unwrap();
    session.destroy().await.unwrap();
    session.commit().await.unwrap();
    assert_eq!(calls(&store), []);

    session.set_key("value".into()).await.unwrap();
    session.commit().await.unwrap();
    let id = session.id().unwrap();
    assert!(stored_bytes(&any, id, "key").await.is_some());
    session.destroy().await.unwrap();
    assert_eq!(calls(&store).iter().filter(|call| **call == Operation::Destroy).count(), 1);
    assert_eq!(stored_bytes(&any, id, "key").await, None);
}

/// Destroying a session that was never loaded is exactly one removal. Ours: and nothing else.
#[tokio::test]
async fn astro_24_destroy_without_a_load_is_one_removal() {
    let store = FaultyStore::new(MemoryStore::new());
    let sessions = manager(store.clone());
    let token = stored(&sessions, "value").await;
    store.forget();
    visit_with(&sessions, cookie(token), async |session| session.destroy().await.unwrap()).await;
    assert_eq!(calls(&store), [Operation::Destroy]);
    assert!(sessions.open(&token).await.unwrap().is_none());
}

/// A cookie that is no session ID makes destroying remove nothing.
#[tokio::test]
async fn astro_25_a_foreign_cookie_destroys_nothing() {
    let store = FaultyStore::new(MemoryStore::new());
    let sessions = manager(store.clone());
    let page = async |session: Session<Data>| session.destroy().await.unwrap();
    let visit = visit_with(&sessions, cookie("unrelated-storage-key"), page).await;
    assert_eq!(calls(&store), []);
    assert_eq!(visit.status, StatusCode::OK);
}

/// The configuration can't switch `HttpOnly` off. Ours: there is no such option.
async fn astro_26_the_cookie_is_always_http_only(store: AnyStore) {
    let site = site(store, options().secure(false)).await;
    assert!(site.browser().get("/set").await.cookie().has("HttpOnly"));
}

/// In production the cookie is `Secure` and `SameSite=Lax`.
async fn astro_27_the_cookie_is_secure_and_lax(store: AnyStore) {
    let site = site(store, options()).await;
    let page = site.browser().get("/set").await;
    assert!(page.cookie().has("Secure"));
    assert_eq!(page.cookie().attribute("SameSite"), Some("Lax"));
}

/// In development the cookie is not `Secure`, but `SameSite=Lax`. Ours: there are no modes; one asks for it.
async fn astro_28_the_cookie_for_plain_http_is_lax(store: AnyStore) {
    let site = site(store, options().secure(false)).await;
    let page = site.browser().get("/set").await;
    assert!(!page.cookie().has("Secure"));
    assert_eq!(page.cookie().attribute("SameSite"), Some("Lax"));
}

/// A set under a malformed cookie starts a session with an ID of its own.
async fn astro_29_a_malformed_cookie_is_not_adopted(store: AnyStore) {
    let site = site(store, options()).await;
    let mut browser = site.browser().with(COOKIE, "not-a-token");
    let page = browser.get("/set").await;
    assert_eq!(page.cookie().token().to_string(), page.cookie().value());
    assert_eq!(browser.get("/get").await.body, "value");
}

/// When the storage fails to save, persisting fails with its error. Ours too; at a request's end it is an opaque 500.
#[tokio::test]
async fn astro_30_a_failing_store_is_an_error() {
    let store = FaultyStore::new(MemoryStore::new());
    let sessions = manager(store.clone());
    store.inject(1, Fault::Fail);
    let session = sessions.start().buffered();
    session.set_key("value".into()).await.unwrap();
    let error = session.commit().await.unwrap_err();
    assert!(matches!(error, SessionError::Store(_)), "{error:?}");
    assert_eq!(error.source().unwrap().to_string(), "Commit was made to fail");

    store.inject(1, Fault::Fail);
    let visit = visit(&sessions, async |session| session.set_key("value".into()).await.unwrap()).await;
    assert_eq!(visit.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(visit.cookies.is_empty());
}

/// Stored data of another type is an error of `get`. Ours: of that field alone; others go on.
#[tokio::test]
async fn astro_31_a_value_of_another_type_is_an_error_of_its_field() {
    #[derive(SessionData)]
    struct Older {
        user: Option<bool>,
        other: Option<String>,
    }
    let store = Arc::new(MemoryStore::new());
    let older = SessionManager::<Older>::new(store.clone()).start();
    older.set_user(true).await.unwrap();
    older.set_other("kept".into()).await.unwrap();
    let session = manager(store).open(&older.token().unwrap()).await.unwrap().unwrap();
    let error = session.user().await.unwrap_err();
    let of_the_field =
        matches!(error, SessionError::Decode { field: "user", .. } | SessionError::Schema { field: "user", .. });
    assert!(of_the_field, "{error:?}");
    assert_eq!(session.other().await.unwrap(), some("kept"));
}

/// Without a cookie a get is absent, and the storage is not even made ready.
#[tokio::test]
async fn astro_32_a_get_without_cookie_costs_nothing() {
    let store = FaultyStore::new(MemoryStore::new());
    let visit = visit(&manager(store.clone()), async |session| session.key().await.unwrap()).await;
    assert_eq!(visit.result, None);
    assert_eq!(calls(&store), []);
}

/// With a cookie a get is the value, for exactly one read of the storage.
#[tokio::test]
async fn astro_33_a_get_with_cookie_is_one_load() {
    let store = FaultyStore::new(MemoryStore::new());
    let sessions = manager(store.clone());
    let token = stored(&sessions, "value").await;
    // The first time that a token comes back, the session's deadline moves.
    sessions.open(&token).await.unwrap().unwrap();
    store.forget();
    let visit = visit_with(&sessions, cookie(token), async |session| session.key().await.unwrap()).await;
    assert_eq!(visit.result, some("value"));
    assert_eq!(calls(&store), [Operation::Load]);
}

/// Without a cookie a value that was just set is readable.
#[tokio::test]
async fn astro_34_a_visitors_first_value_is_readable() {
    let store = FaultyStore::new(MemoryStore::new());
    let page = async |session: Session<Data>| {
        session.set_key("value".into()).await.unwrap();
        session.key().await.unwrap()
    };
    assert_eq!(visit(&manager(store.clone()), page).await.result, some("value"));
    assert_eq!(calls(&store), [Operation::Commit]);
}

/// Regenerating over corrupt data succeeds and logs, and a later get reads nothing from the storage. Ours: it loads
/// nothing, so there is nothing to log; the corrupt field's error is its reader's, the rest of the session is kept.
#[tokio::test]
async fn astro_35_regenerate_survives_corrupt_data() {
    let store = FaultyStore::new(MemoryStore::new());
    let any: AnyStore = Arc::new(store.clone());
    let sessions = manager(store.clone());
    let token = stored(&sessions, "value").await;
    overwrite(&any, token.id(), "key", b"invalid").await;
    store.forget();
    let visit = visit_with(&sessions, cookie(token), async |session| {
        session.regenerate().await.unwrap();
        assert_eq!(calls(&store), []);
        for loads in [1, 0] {
            assert!(matches!(session.key().await, Err(SessionError::Decode { field: "key", .. })));
            assert_eq!(session.other().await.unwrap(), some("kept"));
            assert_eq!(calls(&store), vec![Operation::Load; loads]);
        }
    })
    .await;
    let session = sessions.open(&visit.cookies[0].token()).await.unwrap().unwrap();
    assert_eq!(session.other().await.unwrap(), some("kept"));
    assert!(sessions.open(&token).await.unwrap().is_none());
}
