//! Requirements 32 and 33: where secrets are not. Every test of this program is searched for them; these make sure that there was
//! something to search.

use std::sync::Arc;
use std::time::SystemTime;

use reqwest::Method;
use session_runtime::record::{
    Basis, ChangeSet, Entry, Epoch, Expiry, Guard, IndexChange, Meta, Outcome, Record, Revision, SetField,
};
use session_runtime::store::apply::{Held as _, WholeRecord};
use session_runtime::testing::Fault;
use session_runtime::{SecretHash, SessionManager};
use session_tests::{Answer, Browser, find_secret, has_any, secret};
use sha2::{Digest as _, Sha256};

use crate::world::{Account, HOUR, NOBODY, Place, World, look};

/// All that can happen to a session but its end.
async fn a_life(world: &World<'_>) -> (Place, Browser) {
    let site = world.site_with(|builder| builder.renew_after(HOUR)).await;
    let browser = site.browser();
    browser.post("/note", "confidential").await;
    for page in ["/count", "/regenerate", "/busy"] {
        browser.post(page, "").await;
    }
    browser.post("/remember", "30").await;
    browser.post("/sign-in", "7").await;
    world.clock.advance(HOUR);
    look(&browser).await;
    look(&browser).await;
    site.signed_in(7).await.post("/sign-out", "").await;
    (site, browser)
}

requirements! {
    async fn requirement_32_no_byte_of_the_store_is_of_a_secret(world) {
        let (_site, browser) = a_life(&world).await;
        let bytes = world.all_bytes().await;
        let tokens = world.tokens.all();
        assert!(tokens.len() > 5);
        assert_eq!(find_secret(&tokens, &bytes), None);
        // It is the hash that is stored, and the search sees all that is.
        let token = browser.token().unwrap();
        let hash = Sha256::digest(&secret(&token)[..16]);
        let meta = world.meta(token.id()).await;
        assert_eq!(meta.secret_hash.as_bytes()[..], hash[..]);
        let shows_itself = bytes.starts_with(b"MemoryStore");
        assert!(shows_itself || has_any(&bytes, [&hash]), "the bytes are not all");
    }

    /// Whoever has a copy of the store has nothing to present: its hashes and IDs are no tokens.
    async fn requirement_32_what_is_stored_opens_nothing(world) {
        use base64::Engine as _;
        use base64::engine::general_purpose::URL_SAFE_NO_PAD;

        let (site, browser) = a_life(&world).await;
        let token = browser.token().unwrap();
        let meta = world.meta(token.id()).await;
        for half in [&meta.secret_hash.as_bytes()[..16], &meta.secret_hash.as_bytes()[16..], &[0; 16]] {
            let guess = URL_SAFE_NO_PAD.encode([token.id().as_bytes(), half].concat());
            let request = site.request(Method::GET, "/look").header("cookie", format!("__Host-session={guess}"));
            assert_eq!(Answer::of(request).await.text, NOBODY);
        }
    }

    /// With a store that fails in every way, and tokens that open nothing.
    async fn requirement_33_nothing_that_is_logged_or_shown_holds_a_secret_or_a_value(world) {
        let (site, browser) = a_life(&world).await;
        let token = browser.token().unwrap();
        let sessions = SessionManager::<Account>::builder(world.store.clone()).clock(&world.clock).build().unwrap();
        let session = sessions.open(&token).await.unwrap().unwrap();
        let mut shown = format!("{token:?} {sessions:?} {session:?} {:?}", session.token());
        for fault in [Fault::Fail, Fault::LoseRequest, Fault::LoseAnswer] {
            for page in ["/look", "/note", "/busy", "/sign-out"] {
                world.store.inject(1, fault);
                world.store.inject(2, fault);
                shown += &browser.stolen().post(page, "confidential").await.text;
                world.store.forget();
            }
            world.store.inject(1, fault);
            let failed = session.set_note("confidential".into()).await;
            shown += &format!("{failed:?} {:?} {session:?}", site.sessions);
            world.store.forget();
        }
        let revoked = site.signed_in(8).await.token().unwrap().id();
        assert!(site.sessions.revoke(revoked).await.unwrap());
        look(&browser).await;
        assert_eq!(find_secret(&world.tokens.all(), shown.as_bytes()), None);
        let log = world.log.bytes();
        let log = String::from_utf8_lossy(&log);
        assert!(!shown.contains("confidential") && !log.contains("confidential"), "a value");
        // There was a log, with the server's threads in it and other libraries.
        let has = |level: &str, of: &str| log.lines().any(|line| line.contains(level) && line.contains(of));
        assert!(has("INFO", &revoked.to_string()) && has("ERROR", "session_runtime") && has("TRACE", "hyper"));
    }
}

/// What stores see is shown by those who write stores.
#[test]
fn requirement_33_what_stores_are_given_shows_no_value() {
    let value: Option<Arc<[u8]>> = Some(Arc::from(*b"confidential"));
    let (revision, index) = (Revision::random(), "confidential".to_owned());
    let mut changes = ChangeSet::new(Basis::Guard(Guard::Any));
    changes.set.push(SetField { key: "note", value: value.clone(), revision, expiry: Expiry::Never });
    changes.index.push(IndexChange { index: "user", value: Some(index.clone()) });
    let entry = Entry { value, revision, expires: None };
    let meta = Meta {
        secret_hash: SecretHash::from_bytes([7; 32]),
        secret_since: SystemTime::UNIX_EPOCH,
        previous: None,
        epoch: Epoch::from_bytes(*b"an epoch"),
        created: SystemTime::UNIX_EPOCH,
        idle_deadline: SystemTime::UNIX_EPOCH,
        absolute_deadline: SystemTime::UNIX_EPOCH,
        authenticated: None,
        persistent: false,
    };
    let held = WholeRecord {
        meta: meta.clone(),
        fields: vec![("note".into(), entry.clone())],
        overwritten: Vec::new(),
        index: vec![("user".into(), index)],
    };
    let record = Record { meta: Box::new(meta), fields: vec![Some(entry.clone())], now: SystemTime::UNIX_EPOCH };
    let shown =
        format!("{changes:?} {record:?} {held:?} {:?} {:?}", held.entry("note"), Outcome::Conflict(vec![Some(entry)]));
    assert_eq!(shown.matches("12 bytes").count(), 7);
    for hidden in [&b"confidential"[..], b"an epoch"] {
        let numbers = format!("{:?}", &hidden[..4]);
        assert!(!has_any(shown.as_bytes(), [hidden, numbers.trim_matches(['[', ']']).as_bytes()]), "{shown}");
    }
}
