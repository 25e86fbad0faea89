//! Fields by whose value sessions are found: listed, and ended.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use session_runtime::testing::{Fault, FaultyStore, ManualClock};
use session_runtime::{Session, SessionData, SessionError, SessionInfo, SessionManager};
use session_tests::{Site, TestStore, on_each_store};
use tokio::task::JoinSet;

const HOUR: Duration = Duration::from_secs(3600);

#[derive(SessionData)]
struct Account {
    #[session(index, rotate)]
    user: Option<u64>,
    #[session(index)]
    team: String,
    device: Option<String>,
    #[session(lazy)]
    note: Option<String>,
}

/// The same before its fields were indexes, and something else.
mod earlier {
    use super::*;

    #[derive(SessionData)]
    pub(super) struct Account {
        pub(super) team: String,
        pub(super) other: u64,
    }
}

fn accounts(store: &TestStore) -> SessionManager<Account> {
    SessionManager::new(store.clone())
}

async fn signed_in(sessions: &SessionManager<Account>, user: u64, device: &str) -> Session<Account> {
    let session = sessions.start().buffered();
    session.set_user(user).await.unwrap();
    session.set_device(device.into()).await.unwrap();
    session.commit().await.unwrap();
    session
}

async fn lives(sessions: &SessionManager<Account>, session: &Session<Account>) -> bool {
    match session.token() {
        Some(token) => sessions.open(&token).await.unwrap().is_some(),
        None => false,
    }
}

fn ids(list: &[SessionInfo]) -> Vec<String> {
    list.iter().map(|info| info.id().to_string()).collect()
}

async fn devices(sessions: &SessionManager<Account>, user: u64) -> Vec<String> {
    let list = sessions.sessions(&Account::USER, &user).await.unwrap();
    let mut devices: Vec<_> = list.iter().map(|info| info.get(&Account::DEVICE).unwrap().unwrap()).collect();
    devices.sort();
    devices
}

on_each_store! {
    /// Also where it is set to what it is.
    async fn a_field_that_becomes_an_index_is_found_once_it_is_set_again(store) {
        let session = SessionManager::<earlier::Account>::new(store.clone()).start();
        session.set_team("red".into()).await.unwrap();
        let sessions = accounts(&store);
        let red = "red".to_owned();
        let session = sessions.open(&session.token().unwrap()).await.unwrap().unwrap().buffered();
        assert_eq!(session.team().await.unwrap(), red);
        assert_eq!(sessions.sessions(&Account::TEAM, &red).await.unwrap().len(), 0);
        session.set_team(red.clone()).await.unwrap();
        session.commit().await.unwrap();
        assert_eq!(sessions.sessions(&Account::TEAM, &red).await.unwrap().len(), 1);
    }

    /// A mistake, which would else look like an absent value.
    async fn tells_that_a_field_is_of_another_manager(store) {
        let sessions = accounts(&store);
        signed_in(&sessions, 7, "phone").await;
        let list = sessions.sessions(&Account::USER, &7).await.unwrap();
        let told = list[0].get(&earlier::Account::OTHER).unwrap_err();
        assert!(matches!(told, SessionError::Config { .. }) && told.to_string().contains("no field `other`"), "{told}");
    }

    async fn lists_the_sessions_of_one_user(store) {
        let sessions = accounts(&store);
        signed_in(&sessions, 7, "phone").await;
        signed_in(&sessions, 7, "laptop").await;
        signed_in(&sessions, 8, "other").await;
        sessions.start().set_device("of nobody".into()).await.unwrap();
        assert_eq!(devices(&sessions, 7).await, ["laptop", "phone"]);
        assert_eq!(devices(&sessions, 8).await, ["other"]);
        assert!(devices(&sessions, 9).await.is_empty());
    }

    async fn tells_of_each_session_what_a_user_wants_to_see(store) {
        let clock = ManualClock::new();
        let sessions = SessionManager::<Account>::builder(store).clock(&clock).build().unwrap();
        let begun = clock.now();
        let phone = signed_in(&sessions, 7, "phone").await;
        phone.set_note("long".into()).await.unwrap();
        phone.commit().await.unwrap();
        clock.advance(HOUR / 2);
        let laptop = signed_in(&sessions, 7, "laptop").await;
        sessions.open(&laptop.token().unwrap()).await.unwrap().unwrap();
        clock.advance(HOUR / 4);

        let list = sessions.sessions(&Account::USER, &7).await.unwrap();
        assert_eq!(ids(&list), [laptop.id().unwrap().to_string(), phone.id().unwrap().to_string()], "the last used first");
        let (newer, older) = (&list[0], &list[1]);
        assert_eq!((older.created_at(), newer.created_at()), (begun, begun + HOUR / 2));
        assert_eq!((older.last_used(), newer.last_used()), (begun, begun + HOUR / 2));
        assert_eq!(newer.last_authenticated(), Some(begun + HOUR / 2));
        assert_eq!(older.expires_at(), begun + 24 * HOUR);
        assert_eq!(newer.expires_at(), begun + HOUR / 2 + 24 * HOUR);
        assert!(!newer.is_persistent());
        assert_eq!(older.get(&Account::NOTE).unwrap(), None, "lazy fields are not loaded");
        let debug = format!("{older:?}");
        assert!(debug.contains(&phone.id().unwrap().to_string()) && !debug.contains("phone"), "{debug}");
    }

    async fn follows_every_change_of_the_field(store) {
        let sessions = accounts(&store);
        let session = signed_in(&sessions, 7, "phone").await;
        session.set_user(8).await.unwrap();
        session.commit().await.unwrap();
        assert_eq!((devices(&sessions, 7).await.len(), devices(&sessions, 8).await.len()), (0, 1));
        session.update_user(|user| *user = Some(9)).await.unwrap();
        assert_eq!((devices(&sessions, 8).await.len(), devices(&sessions, 9).await.len()), (0, 1));
        assert_eq!(session.take_user().await.unwrap(), Some(9));
        assert_eq!(devices(&sessions, 9).await.len(), 0);
        session.set_user(7).await.unwrap();
        session.commit().await.unwrap();
        assert_eq!(devices(&sessions, 7).await.len(), 1);
        session.remove_user().await.unwrap();
        session.commit().await.unwrap();
        assert_eq!(devices(&sessions, 7).await.len(), 0);
    }

    async fn a_session_that_has_ended_is_not_listed(store) {
        let clock = ManualClock::new();
        let sessions = SessionManager::<Account>::builder(store).clock(&clock).build().unwrap();
        signed_in(&sessions, 7, "phone").await.destroy().await.unwrap();
        assert!(devices(&sessions, 7).await.is_empty());
        signed_in(&sessions, 7, "phone").await;
        clock.advance(HOUR);
        assert!(devices(&sessions, 7).await.is_empty());
    }

    /// An entry outlives its field: it is the field that counts.
    async fn a_session_whose_field_has_expired_is_not_listed(store) {
        let clock = ManualClock::new();
        let sessions = SessionManager::<Account>::builder(store).clock(&clock).build().unwrap();
        let session = sessions.start();
        session.set_user(7).ttl(HOUR / 2).await.unwrap();
        assert_eq!(sessions.sessions(&Account::USER, &7).await.unwrap().len(), 1);
        clock.advance(HOUR / 2);
        assert!(sessions.sessions(&Account::USER, &7).await.unwrap().is_empty());
        assert_eq!(sessions.revoke_all(&Account::USER, &7).await.unwrap(), 0);
        assert!(lives(&sessions, &session).await);
    }

    async fn a_field_with_a_default_is_found_once_it_is_set(store) {
        let sessions = accounts(&store);
        let session = sessions.start();
        session.set_device("phone".into()).await.unwrap();
        assert!(sessions.sessions(&Account::TEAM, &String::new()).await.unwrap().is_empty());
        session.update_team(|team| team.push_str("red")).await.unwrap();
        assert_eq!(sessions.sessions(&Account::TEAM, &"red".into()).await.unwrap().len(), 1);
    }

    /// Values that are longer than any store takes, of any characters, and alike but for their ends.
    async fn any_text_can_be_found_by(store) {
        let sessions = accounts(&store);
        let long = "é".repeat(4000);
        for team in ["", "\0", "a:b", "\"'\\%_", &long, &format!("{long}x")] {
            sessions.start().set_team(team.into()).await.unwrap();
            assert_eq!(sessions.sessions(&Account::TEAM, &team.into()).await.unwrap().len(), 1, "{team:?}");
        }
    }

    async fn a_user_ends_sessions_of_theirs_and_of_nobody_else(store) {
        let sessions = accounts(&store);
        let mine = signed_in(&sessions, 7, "mine").await;
        let other = signed_in(&sessions, 8, "other").await;
        assert!(!sessions.revoke_one(&Account::USER, &7, other.id().unwrap()).await.unwrap());
        assert!(lives(&sessions, &other).await);
        assert!(sessions.revoke_one(&Account::USER, &7, mine.id().unwrap()).await.unwrap());
        assert!(!sessions.revoke_one(&Account::USER, &7, mine.id().unwrap()).await.unwrap(), "it has ended");
        assert!(!lives(&sessions, &mine).await);
    }

    async fn an_administrator_ends_any_session(store) {
        let sessions = accounts(&store);
        let session = sessions.start();
        session.set_device("of nobody".into()).await.unwrap();
        assert!(sessions.revoke(session.id().unwrap()).await.unwrap());
        assert!(!sessions.revoke(session.id().unwrap()).await.unwrap());
        assert!(!lives(&sessions, &session).await);
        assert!(matches!(session.set_device("again".into()).await, Err(SessionError::Gone)));
    }

    async fn all_sessions_of_a_user_are_ended(store) {
        let sessions = accounts(&store);
        let mut mine = Vec::new();
        for device in ["a", "b", "c"] {
            mine.push(signed_in(&sessions, 7, device).await);
        }
        let other = signed_in(&sessions, 8, "other").await;
        assert_eq!(sessions.revoke_all(&Account::USER, &7).await.unwrap(), 3);
        assert_eq!(sessions.revoke_all(&Account::USER, &7).await.unwrap(), 0);
        for session in &mine {
            assert!(!lives(&sessions, session).await);
        }
        assert!(lives(&sessions, &other).await);
    }

    async fn all_others_of_a_user_are_ended(store) {
        let sessions = accounts(&store);
        let (this, there) = (signed_in(&sessions, 7, "this").await, signed_in(&sessions, 7, "there").await);
        assert_eq!(sessions.revoke_others(&this, &Account::USER).await.unwrap(), 1);
        assert!(lives(&sessions, &this).await && !lives(&sessions, &there).await);
        // As in a request, where nothing was asked of the session before.
        let opened = sessions.open(&this.token().unwrap()).await.unwrap().unwrap();
        assert_eq!(sessions.revoke_others(&opened, &Account::USER).await.unwrap(), 0);
        assert_eq!(sessions.revoke_others(&sessions.start(), &Account::USER).await.unwrap(), 0);
        assert!(lives(&sessions, &this).await);
    }

    /// However many sign in meanwhile, nobody who did before is left.
    async fn who_signed_in_before_the_call_is_ended(store) {
        let sessions = accounts(&store);
        for _ in 0..4 {
            let mut before = JoinSet::new();
            for _ in 0..8 {
                let sessions = sessions.clone();
                before.spawn(async move { signed_in(&sessions, 7, "before").await });
            }
            let before = before.join_all().await;
            let mut during = JoinSet::new();
            for _ in 0..8 {
                let sessions = sessions.clone();
                during.spawn(async move { signed_in(&sessions, 7, "during").await });
            }
            // Some get a new secret while they are to be ended.
            for session in before.clone() {
                during.spawn(async move {
                    let _ = session.regenerate().await;
                    let _ = session.commit().await;
                    session
                });
            }
            sessions.revoke_all(&Account::USER, &7).await.unwrap();
            for session in during.join_all().await {
                if before.iter().any(|old| old.id() == session.id()) {
                    assert!(!lives(&sessions, &session).await);
                }
            }
            sessions.revoke_all(&Account::USER, &7).await.unwrap();
            assert!(devices(&sessions, 7).await.is_empty());
        }
    }

    /// A field that is renamed, stored otherwise and of a wider type finds the sessions of the release before.
    async fn sessions_of_the_release_before_are_found(store) {
        #[derive(SessionData)]
        struct Before {
            #[session(index)]
            user_id: Option<u32>,
        }

        #[derive(SessionData)]
        struct After {
            #[session(index, alias = "user_id", codec = "json", migrate(u32 => u64::from))]
            user: Option<u64>,
        }

        let before = SessionManager::<Before>::new(store.clone()).start();
        before.set_user_id(7).await.unwrap();
        let after = SessionManager::<After>::new(store);
        assert_eq!(after.sessions(&After::USER, &7).await.unwrap().len(), 1);
        let session = after.open(&before.token().unwrap()).await.unwrap().unwrap();
        session.set_user(7).await.unwrap();
        assert_eq!(after.sessions(&After::USER, &7).await.unwrap().len(), 1, "once, though under two names");
        assert_eq!(after.revoke_all(&After::USER, &7).await.unwrap(), 1);
    }
}

/// What is beyond 64 bits has a text too.
#[tokio::test]
async fn sessions_are_found_by_large_numbers() {
    #[derive(SessionData)]
    struct Large {
        #[session(index)]
        user: Option<u128>,
    }

    let sessions = SessionManager::<Large>::new(session_tests::memory().await.0);
    for user in [7, u128::from(u64::MAX), u128::MAX] {
        sessions.start().set_user(user).await.unwrap();
        assert_eq!(sessions.sessions(&Large::USER, &user).await.unwrap().len(), 1, "{user}");
    }
}

/// Also among others, whose order is certain.
#[tokio::test]
async fn sessions_are_found_by_values_that_contain_large_numbers() {
    #[derive(Clone, serde::Serialize, serde::Deserialize)]
    enum Owner {
        User(u128),
        Team { name: String, id: u128, members: HashMap<String, u128> },
    }

    #[derive(SessionData)]
    struct Owned {
        #[session(index)]
        owner: Option<Owner>,
    }

    let sessions = SessionManager::<Owned>::new(session_tests::memory().await.0);
    let team = || {
        let members = (0..8).map(|at| (format!("member {at} {{"), u128::MAX - at)).collect();
        Owner::Team { name: "red".into(), id: u128::MAX, members }
    };
    for owner in [|| Owner::User(7), || Owner::User(u128::MAX)] {
        sessions.start().set_owner(owner()).await.unwrap();
        assert_eq!(sessions.sessions(&Owned::OWNER, &owner()).await.unwrap().len(), 1);
    }
    sessions.start().set_owner(team()).await.unwrap();
    // Another map, which has its entries in another order.
    assert_eq!(sessions.sessions(&Owned::OWNER, &team()).await.unwrap().len(), 1);
}

/// A session that one release entered under the key of before, and the next signs in as somebody else.
mod renamed {
    use super::*;

    #[derive(SessionData)]
    struct Before {
        #[session(index)]
        uid: Option<u64>,
    }

    #[derive(SessionData)]
    struct After {
        #[session(index, rotate, alias = "uid")]
        user: Option<u64>,
    }

    on_each_store! {
        async fn is_entered_for_nobody_of_before(store) {
            let before = SessionManager::<Before>::new(store.clone()).start();
            before.set_uid(8).await.unwrap();
            let after = SessionManager::<After>::new(store.clone());
            let session = after.open(&before.token().unwrap()).await.unwrap().unwrap();
            session.set_user(7).await.unwrap();
            assert_eq!(store.find("uid", "8", None).await.unwrap(), []);
            assert_eq!(store.find("user", "7", None).await.unwrap(), [session.id().unwrap()]);
        }
    }
}

/// In a request that has set the field before it has read anything.
#[tokio::test]
async fn signing_in_again_and_out_everywhere_else_keeps_the_session() {
    let sessions = accounts(&session_tests::memory().await.0);
    let elsewhere = signed_in(&sessions, 7, "there").await;
    let (begin, again) = (
        async |session: Session<Account>| -> Result<(), SessionError> {
            session.set_user(7).await?;
            session.set_device("here".into()).await
        },
        {
            let sessions = sessions.clone();
            move |session: Session<Account>| async move {
                session.set_user(7).await?;
                sessions.revoke_others(&session, &Account::USER).await.map(|ended| ended.to_string())
            }
        },
    );
    let site = Site::open(&sessions, Router::new().route("/begin", get(begin)).route("/again", get(again))).await;
    let visitor = site.visitor();
    visitor.get("/begin").await;
    assert_eq!(visitor.get("/again").await.text, "1");
    assert!(!lives(&sessions, &elsewhere).await);
    assert_eq!(devices(&sessions, 7).await, ["here"]);
}

/// The store ended it, and its answer was lost.
#[tokio::test]
async fn a_revocation_whose_answer_was_lost_is_told() {
    let faulty = FaultyStore::new(session_tests::memory().await.0);
    let sessions = SessionManager::<Account>::new(faulty.clone());
    let session = signed_in(&sessions, 7, "phone").await;
    faulty.inject(1, Fault::LoseAnswer);
    assert!(sessions.revoke(session.id().unwrap()).await.unwrap());
    assert!(!lives(&sessions, &session).await);
}

/// What ends sessions must not miss one because its field can't be read.
#[tokio::test]
async fn a_session_whose_field_does_not_decode_is_ended_too() {
    #[derive(SessionData)]
    struct Number {
        #[session(index)]
        user: Option<i8>,
    }

    let (store, _kept) = session_tests::memory().await;
    let session = signed_in(&accounts(&store), 7, "phone").await;
    let numbers = SessionManager::<Number>::new(store.clone());
    assert!(!numbers.revoke_one(&Number::USER, &8, session.id().unwrap()).await.unwrap(), "by another user");
    assert_eq!(numbers.revoke_all(&Number::USER, &7).await.unwrap(), 1);
    assert!(!lives(&accounts(&store), &session).await);
}

/// Every future of the manager can be spawned.
#[test]
fn futures_are_send() {
    fn check(_: impl Send) {}
    fn all(sessions: &SessionManager<Account>, session: &Session<Account>) {
        check(sessions.sessions(&Account::USER, &7));
        check(sessions.revoke_all(&Account::USER, &7));
        check(sessions.revoke_others(session, &Account::USER));
    }
    let _ = Arc::new(all);
}
