//! Values at rest are sealed: by a key that only the token carries, or by keys of the application.

use std::sync::Arc;

use session_runtime::record::{Basis, ChangeSet, Create, Entry, Epoch, Expiry, Guard, Revision, Select, SetField};
use session_runtime::testing::{Fault, FaultyStore, ManualClock, Operation};
use session_runtime::{
    Encryption, EncryptionKey, OnLimit, SecretHash, Session, SessionData, SessionError, SessionId, SessionManager,
    Store, Token,
};
use session_tests::{Site, TestStore, on_each_store};

#[derive(SessionData)]
struct Account {
    #[session(index, rotate)]
    user: Option<String>,
    card: Option<String>,
    #[session(lazy)]
    history: Vec<String>,
    #[session(alias = "old_note")]
    note: Option<String>,
    count: u64,
}

/// The schema before `note` got its name.
#[derive(SessionData)]
struct Before {
    old_note: Option<String>,
}

const SECRET: &str = "4111-1111-1111-1111";
const KEYS: [&str; 6] = ["user", "card", "history", "note", "old_note", "count"];

fn key(n: u8) -> EncryptionKey {
    EncryptionKey::from_bytes([n; 32])
}

fn ring(keys: &[u8]) -> Encryption {
    Encryption::by_keys(keys.iter().map(|n| key(*n)))
}

fn accounts(store: &TestStore, encryption: Encryption) -> SessionManager<Account> {
    SessionManager::builder(Arc::clone(store)).encryption(encryption).build().unwrap()
}

fn plain(store: &TestStore) -> SessionManager<Account> {
    SessionManager::new(Arc::clone(store))
}

async fn stored(store: &TestStore, id: SessionId) -> Vec<(&'static str, Entry)> {
    let select = KEYS.map(|key| Select { key, value: true });
    let record = store.load(id, &select, None).await.unwrap().unwrap();
    KEYS.into_iter().zip(record.fields).filter_map(|(key, entry)| Some((key, entry?))).collect()
}

async fn entry(store: &TestStore, id: SessionId, key: &str) -> Entry {
    stored(store, id).await.into_iter().find(|(name, _)| *name == key).expect("it is stored").1
}

/// What somebody does who can write to the store.
async fn plant(store: &TestStore, id: SessionId, key: &'static str, value: Vec<u8>, revision: Revision) {
    let mut changes = ChangeSet::new(Basis::Guard(Guard::Any));
    changes.set.push(SetField { key, value: Some(value.into()), revision, expiry: Expiry::Never });
    store.commit(id, &changes, None).await.unwrap();
}

async fn with_card(sessions: &SessionManager<Account>, card: &str) -> (Session<Account>, SessionId) {
    let session = sessions.start();
    session.set_card(card.into()).await.unwrap();
    let id = session.id().unwrap();
    (session, id)
}

async fn reopened(sessions: &SessionManager<Account>, token: &Token) -> Session<Account> {
    sessions.open(token).await.unwrap().expect("the token opens a session")
}

fn assert_unreadable<T: std::fmt::Debug>(read: Result<T, SessionError>, of: &str) {
    match read {
        Err(SessionError::Decode { field, .. }) => assert_eq!(field, of),
        other => panic!("expected an error about {of}, got {other:?}"),
    }
}

on_each_store! {
    /// Everything that fields do, they do; and the store has none of it in the clear.
    async fn all_calls_work_and_the_store_shows_nothing(store) {
        for encryption in [Encryption::by_token(), ring(&[1])] {
            let sessions = accounts(&store, encryption);
            let session = sessions.start().buffered();
            session.set_card(SECRET.into()).await.unwrap();
            session.set_history(vec![SECRET.into()]).await.unwrap();
            session.set_count(1).await.unwrap();
            session.commit().await.unwrap();
            let token = session.token().unwrap();

            let again = reopened(&sessions, &token).await;
            assert_eq!(again.card().await.unwrap().as_deref(), Some(SECRET));
            assert_eq!(again.history().await.unwrap(), [SECRET]);
            again.update_count(|count| *count += 1).await.unwrap();
            again.update_history(|history| history.push(SECRET.into())).await.unwrap();
            again.set_user(SECRET.into()).await.unwrap();
            let token = again.token().unwrap();
            assert_ne!(token, session.token().unwrap());

            let again = reopened(&sessions, &token).await;
            let all = again.snapshot().await.unwrap();
            assert_eq!((all.count, all.history.len(), all.user.as_deref()), (2, 2, Some(SECRET)));
            again.set_note(SECRET.into()).await.unwrap();
            assert_eq!(again.take_note().await.unwrap().as_deref(), Some(SECRET));
            assert_eq!(again.keys().await.unwrap(), ["user", "card", "history", "count"]);
            for (key, entry) in stored(&store, token.id()).await {
                let value = entry.value.unwrap();
                assert!(!value.windows(4).any(|part| part == b"1111"), "{key} is in the clear");
                assert_eq!(value[0], 3);
            }
            again.destroy().await.unwrap();
            assert!(sessions.open(&token).await.unwrap().is_none());
        }
    }

    /// Requests that race for one field see what the others stored.
    async fn no_update_is_lost(store) {
        let sessions = accounts(&store, Encryption::by_token());
        let session = sessions.start();
        session.set_count(0).await.unwrap();
        let token = session.token().unwrap();
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let sessions = sessions.clone();
                tokio::spawn(async move {
                    for _ in 0..5 {
                        reopened(&sessions, &token).await.update_count(|count| *count += 1).await.unwrap();
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(reopened(&sessions, &token).await.count().await.unwrap(), 40);
    }

    /// A value opens for its field, its session and the write that put it there, unchanged, and nowhere else. Other fields go
    /// on working, and so does the field once it is written again.
    async fn a_moved_or_changed_value_is_refused(store) {
        for encryption in [Encryption::by_token(), ring(&[1])] {
            let sessions = accounts(&store, encryption);
            let ((ada, id), (_, other)) = (with_card(&sessions, "ada's").await, with_card(&sessions, "bob's").await);
            ada.set_note("note".into()).await.unwrap();
            ada.set_count(5).await.unwrap();
            let token = ada.token().unwrap();
            let card = entry(&store, id, "card").await;
            let value = card.value.clone().unwrap().to_vec();
            let (note, theirs) = (entry(&store, id, "note").await, entry(&store, other, "card").await);
            let mut planted = vec![
                ("of another session", theirs.value.unwrap().to_vec(), theirs.revision),
                ("of another field", note.value.unwrap().to_vec(), note.revision),
                ("of another write", value.clone(), Revision::random()),
                ("cut short", value[..value.len() - 1].to_vec(), Revision::random()),
                ("nothing but the mark", vec![3], Revision::random()),
                ("nothing", Vec::new(), Revision::random()),
                ("in the clear", stored(&store, {
                    let (_, id) = with_card(&plain(&store), "planted").await;
                    id
                }).await[0].1.value.clone().unwrap().to_vec(), Revision::random()),
            ];
            for at in [0, 1, 4, 5, 28, 29, value.len() - 1] {
                let mut changed = value.clone();
                changed[at] ^= 1;
                planted.push(("changed", changed, Revision::random()));
            }
            for (what, bytes, revision) in planted {
                plant(&store, id, "card", bytes, revision).await;
                let session = reopened(&sessions, &token).await;
                assert_unreadable(session.card().await, "card");
                assert_unreadable(session.update_card(|card| *card = None).await, "card");
                assert_eq!(session.count().await.unwrap(), 5, "{what}");
            }
            let session = reopened(&sessions, &token).await;
            session.set_card("new".into()).await.unwrap();
            assert_eq!(reopened(&sessions, &token).await.card().await.unwrap().as_deref(), Some("new"));
        }
    }

    async fn keys_of_the_application_rotate(store) {
        let old = accounts(&store, ring(&[1]));
        let (session, _) = with_card(&old, "card").await;
        session.set_user("ada".into()).await.unwrap();
        let token = session.token().unwrap();

        let both = accounts(&store, ring(&[2, 1]));
        let session = reopened(&both, &token).await;
        assert_eq!(session.card().await.unwrap().as_deref(), Some("card"));
        session.set_note("note".into()).await.unwrap();
        assert_eq!(both.sessions(&Account::USER, &"ada".into()).await.unwrap().len(), 1);

        let new = accounts(&store, ring(&[2]));
        let session = reopened(&new, &token).await;
        assert_unreadable(session.card().await, "card");
        assert_eq!(session.note().await.unwrap().as_deref(), Some("note"));
        let session = reopened(&old, &token).await;
        assert_unreadable(session.note().await, "note");
        assert_eq!(session.card().await.unwrap().as_deref(), Some("card"));
    }

    /// Values in the index are hashed where there is a key, and lists, limits and revocation find them all the same.
    async fn index_values_are_hashed(store) {
        let with_key = Encryption::by_token().index_key(key(9));
        for (encryption, is_hashed) in [(ring(&[1]), true), (with_key, true), (Encryption::by_token(), false)] {
            let user = format!("ada{}", Revision::random().as_bytes()[0]);
            let sessions = SessionManager::<Account>::builder(Arc::clone(&store))
                .encryption(encryption)
                .max_sessions(&Account::USER, 2, OnLimit::EvictOldest)
                .build()
                .unwrap();
            let mut ids = Vec::new();
            for _ in 0..3 {
                let session = sessions.start();
                session.set_user(user.clone()).await.unwrap();
                ids.push(session.id().unwrap());
            }
            let in_clear = store.find("user", &format!("\"{user}\""), None).await.unwrap();
            assert_eq!(in_clear.len(), if is_hashed { 0 } else { 2 });
            assert_eq!(sessions.sessions(&Account::USER, &user).await.unwrap().len(), 2);
            assert!(sessions.sessions(&Account::USER, &"somebody".into()).await.unwrap().is_empty());
            let listed = sessions.sessions(&Account::USER, &user).await.unwrap();
            assert!(!sessions.revoke_one(&Account::USER, &"somebody".into(), listed[0].id()).await.unwrap_or(false) );
            assert!(sessions.revoke_one(&Account::USER, &user, listed[0].id()).await.unwrap());
            assert_eq!(sessions.revoke_all(&Account::USER, &user).await.unwrap(), 1);
        }
    }

    /// Without its visitor nobody reads a session that is sealed by its token.
    async fn labels_need_a_key_of_the_application(store) {
        for (encryption, readable) in [(ring(&[1]), true), (Encryption::by_token(), false)] {
            let sessions = accounts(&store, encryption);
            let session = sessions.start().buffered();
            session.set_user("eve".into()).await.unwrap();
            session.set_note("phone".into()).await.unwrap();
            session.commit().await.unwrap();
            let listed = sessions.sessions(&Account::USER, &"eve".into()).await.unwrap();
            match readable {
                true => assert_eq!(listed[0].get(&Account::NOTE).unwrap().as_deref(), Some("phone")),
                false => assert_unreadable(listed[0].get(&Account::NOTE), "note"),
            }
            session.destroy().await.unwrap();
        }
    }

    /// A token of the other form is malformed: the store is not asked.
    async fn tokens_have_a_key_or_none(store) {
        let faulty = FaultyStore::new(Arc::clone(&store));
        let open: TestStore = Arc::new(faulty.clone());
        let (session, _) = with_card(&plain(&open), "x").await;
        let without = session.token().unwrap();
        let (session, _) = with_card(&accounts(&open, Encryption::by_token()), "x").await;
        let with = session.token().unwrap();
        assert_eq!((without.to_string().len(), with.to_string().len()), (43, 64));
        faulty.forget();
        assert!(plain(&open).open(&with).await.unwrap().is_none());
        assert!(accounts(&open, Encryption::by_token()).open(&without).await.unwrap().is_none());
        assert!(accounts(&open, ring(&[1])).open(&with).await.unwrap().is_none());
        assert_eq!(faulty.calls(), []);
    }

    async fn a_renamed_field_is_read(store) {
        let before = SessionManager::<Before>::builder(Arc::clone(&store)).encryption(ring(&[1])).build().unwrap();
        let session = before.start();
        session.set_old_note("kept".into()).await.unwrap();
        let now = accounts(&store, ring(&[1]));
        let session = reopened(&now, &session.token().unwrap()).await;
        assert_eq!(session.note().await.unwrap().as_deref(), Some("kept"));
        session.update_note(|note| note.as_mut().unwrap().push('!')).await.unwrap();
        let session = reopened(&now, &session.token().unwrap()).await;
        assert_eq!(session.note().await.unwrap().as_deref(), Some("kept!"));
    }

    /// Sessions from before there was encryption: refused, or, where it is asked for, read until they are written again.
    async fn values_in_the_clear_are_accepted_by_option_alone(store) {
        let (session, id) = with_card(&plain(&store), "card").await;
        session.set_count(1).await.unwrap();
        let token = session.token().unwrap();
        assert_unreadable(reopened(&accounts(&store, ring(&[1])), &token).await.card().await, "card");
        let accepting = accounts(&store, ring(&[1]).accept_unsealed());
        let session = reopened(&accepting, &token).await;
        assert_eq!(session.card().await.unwrap().as_deref(), Some("card"));
        session.update_count(|count| *count += 1).await.unwrap();
        assert_eq!(entry(&store, id, "count").await.value.unwrap()[0], 3);
        assert_eq!(reopened(&accounts(&store, ring(&[1])), &token).await.count().await.unwrap(), 2);
        assert_unreadable(reopened(&plain(&store), &token).await.count().await, "count");
    }

    /// Also to what it is.
    async fn a_value_in_the_clear_is_sealed_once_it_is_set_again(store) {
        let (session, _) = with_card(&plain(&store), "card").await;
        let token = session.token().unwrap();
        let session = reopened(&accounts(&store, ring(&[1]).accept_unsealed()), &token).await.buffered();
        session.card().await.unwrap();
        session.set_card("card".into()).await.unwrap();
        session.commit().await.unwrap();
        let card = reopened(&accounts(&store, ring(&[1])), &token).await.card().await.unwrap();
        assert_eq!(card.as_deref(), Some("card"));
    }

    /// What costs nothing and what costs one trip does so still: equal values, blind writes, lost answers.
    async fn trips_are_what_they_were(store) {
        let faulty = FaultyStore::new(store);
        let open: TestStore = Arc::new(faulty.clone());
        let sessions = accounts(&open, Encryption::by_token());
        let (session, _) = with_card(&sessions, "card").await;
        let token = session.token().unwrap();
        let session = reopened(&sessions, &token).await.buffered();
        session.card().await.unwrap();
        faulty.forget();
        session.set_card("card".into()).await.unwrap();
        session.commit().await.unwrap();
        assert_eq!(faulty.calls(), [], "equal to what is stored");
        faulty.inject(1, Fault::LoseAnswer);
        session.update_count(|count| *count += 1).await.unwrap();
        assert_eq!(faulty.calls(), [Operation::Commit, Operation::Commit]);
        assert_eq!(reopened(&sessions, &token).await.count().await.unwrap(), 1);
    }
}

/// In a browser: the cookie carries the key, through rotation and renewal.
#[tokio::test]
async fn the_cookie_carries_the_key() {
    use axum::{Router, routing::get};

    type Handle = Session<Account>;
    let (store, _kept) = session_tests::memory().await;
    let clock = ManualClock::new();
    let hour = std::time::Duration::from_secs(3600);
    let sessions = SessionManager::<Account>::builder(store)
        .encryption(Encryption::by_token())
        .clock(&clock)
        .renew_after(hour)
        .build()
        .unwrap();
    let routes = Router::new()
        .route("/put", get(|session: Handle| async move { session.set_card("card".into()).await }))
        .route("/blind", get(|session: Handle| async move { session.set_note("note".into()).await }))
        .route("/sign-in", get(|session: Handle| async move { session.set_user("ada".into()).await }))
        .route(
            "/show",
            get(|session: Handle| async move {
                let shown = (session.card().await?, session.note().await?);
                Ok::<_, SessionError>(format!("{shown:?}"))
            }),
        );
    let site = Site::open(&sessions, routes).await;
    let ada = site.visitor();
    ada.get("/put").await;
    let first = ada.cookie().unwrap();
    assert_eq!(first.len(), 64);
    ada.get("/blind").await;
    ada.get("/sign-in").await;
    let second = ada.cookie().unwrap();
    clock.advance(hour);
    assert_eq!(ada.get("/show").await.text, r#"(Some("card"), Some("note"))"#);
    let third = ada.cookie().unwrap();
    assert_ne!((&first[..43], &second[..43]), (&second[..43], &third[..43]));
    assert_eq!(ada.get("/show").await.text, r#"(Some("card"), Some("note"))"#);
    // A visitor with the right secret and another key is let in, and reads nothing.
    let forged =
        site.visitor().with_cookie(format!("{}{}", &third[..43], &first[43..].chars().rev().collect::<String>()));
    assert_eq!(forged.get("/show").await.status, 500);
}

#[test]
fn keys_are_read_and_never_shown() {
    let digits = "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F";
    let key: EncryptionKey = digits.parse().unwrap();
    assert_eq!(format!("{key:?}"), "EncryptionKey(..)");
    for wrong in ["", &digits[1..], &format!("{digits}00"), &digits.replace('0', "g"), &digits.replace("00", "+0")] {
        assert!(wrong.parse::<EncryptionKey>().is_err(), "{wrong}");
    }
}

#[test]
fn rings_that_can_not_work_are_refused() {
    let refused = |encryption| {
        let built =
            SessionManager::<Account>::builder(session_runtime::MemoryStore::new()).encryption(encryption).build();
        match built {
            Err(SessionError::Config { reason, .. }) => reason,
            other => panic!("expected a configuration error, got {other:?}"),
        }
    };
    assert!(refused(ring(&[])).contains("at least one key"));
    assert!(refused(ring(&[1, 2, 1])).contains("one key twice"));
}

/// What was sealed once must open for ever: these were written by the first release that seals.
#[tokio::test]
async fn the_sealed_form_stays_what_it_is() {
    let written = [
        (
            Encryption::by_token(),
            "DCa3LYVDeQ4rc5-bW-xd_NImUtdS4fhDtNx2ZDbc2VfKFphorVRIHOQxsskHNc1N",
            "8187dbf333a62e346e66c53a776835dedbf1b4930d3f457f729080d5b4449fd0",
            "b8273fac6ec8fb79",
            "0300000000492d7a17dde25630c4f188aa5810357406c8e8d27be595cc2fcb55\
             e22eff1aac9f12e77b96d7f363b51651e67743bc05974d155ea7335eec6b",
        ),
        (
            ring(&[1]),
            "32Cue2wgW_pfPjuGZ8A6T2lu1FRuIdvRvxcc10g1QfY",
            "ad3b0d196901f4bf0adc4486f948fb4b8e5a983dde2fa97674e92191e04d2ae5",
            "db688c507abe0ab7",
            "033d2b5e754bb0e7d71a2f342f1354f5206757eea75ba9cc60df5f9a25499c4e\
             cca4a39b6472c864669aaf75a157cd1197edb480d2928c15afe3378716cc",
        ),
    ];
    for (encryption, token, secret_hash, revision, value) in written {
        let (store, _kept) = session_tests::memory().await;
        let token: Token = token.parse().unwrap();
        let hour = std::time::Duration::from_secs(3600);
        let secret_hash = SecretHash::from_bytes(bytes(secret_hash).try_into().unwrap());
        let create = Create { secret_hash, epoch: Epoch::random(), idle: hour, absolute: hour };
        store.commit(token.id(), &ChangeSet::new(Basis::Create(create)), None).await.unwrap();
        let revision = Revision::from_bytes(bytes(revision).try_into().unwrap());
        plant(&store, token.id(), "card", bytes(value), revision).await;
        let session = reopened(&accounts(&store, encryption), &token).await;
        assert_eq!(session.card().await.unwrap().as_deref(), Some("golden"));
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}
