//! Hostile cookies, and what is never shown.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Request, header};
use axum::routing::get;
use session_runtime::testing::{Fault, FaultyStore, Operation};
use session_runtime::{MemoryStore, Session, SessionManager, Transport};
use session_tests::{Events, Shop, Site, on_each_store};
use tower::ServiceExt as _;

const NAME: &str = "__Host-session";

/// Numbers that look random and are the same in each run (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from(mixed >> 33).unwrap() % end
    }

    fn bytes(&mut self, most: usize, alphabet: &[u8]) -> Vec<u8> {
        (0..self.below(most + 1)).map(|_| alphabet[self.below(alphabet.len())]).collect()
    }

    /// A header `Cookie` of 0 to 8 KiB: any bytes that a header can have, invalid UTF-8, many cookies of our name, near
    /// misses.
    fn cookie_header(&mut self) -> Vec<u8> {
        let any: Vec<u8> = (0x20..=0xff).filter(|byte| *byte != 0x7f).chain([b'\t']).collect();
        let alphabet: Vec<u8> = (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9').chain(*b"-_").collect();
        let mut header = match self.below(9) {
            0..4 => self.bytes(8192, &any),
            4..8 => {
                let kinds = [&any, &alphabet];
                let pairs = (0..self.below(130)).map(|_| {
                    let kind = kinds[self.below(2)];
                    let value = self.bytes(60, kind);
                    // As long as a token is, every other time.
                    let value =
                        if self.below(2) == 0 { [&value[..], &[b'A'; 43]].concat()[..43].to_vec() } else { value };
                    [NAME.as_bytes(), b"=", &value].concat()
                });
                pairs.collect::<Vec<_>>().join(&b"; "[..])
            }
            _ => vec![[NAME.as_bytes(), b"=", &self.bytes(9, &alphabet)].concat(); 500].join(&b";"[..]),
        };
        header.truncate(8192);
        header
    }
}

/// Whether one of the cookies may be well-formed: 43 characters of the alphabet.
fn may_hold_a_token(header: &[u8]) -> bool {
    header.split(|byte| *byte == b';').any(|pair| {
        let value = pair.trim_ascii().strip_prefix(format!("{NAME}=").as_bytes());
        value.is_some_and(|value| {
            value.len() == 43 && value.iter().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(b))
        })
    })
}

#[test]
fn ten_thousand_hostile_cookie_headers() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let store = FaultyStore::new(MemoryStore::new());
    let sessions = SessionManager::<Shop>::new(store.clone());
    let routes = Router::new()
        .route(
            "/",
            get(|session: Session<Shop>| async move { session.snapshot().await.map(|shop| shop.cart.concat()) }),
        )
        .layer(sessions.layer());
    let mut random = Random(7);
    let (mut well_formed, mut longest) = (0, 0);
    for _ in 0..10_000 {
        store.forget();
        let cookies = random.cookie_header();
        let mut request = Request::new(Body::empty());
        request.headers_mut().insert(header::COOKIE, HeaderValue::from_bytes(&cookies).unwrap());
        let response = runtime.block_on(routes.clone().oneshot(request)).unwrap();
        let calls = store.calls();
        let shown = String::from_utf8_lossy(&cookies);
        assert_eq!(response.status(), 200, "{shown}");
        assert!(response.headers().get(header::SET_COOKIE).is_none(), "{shown}");
        assert!(calls.len() <= 4 && calls.iter().all(|call| *call == Operation::Load), "{calls:?} for {shown}");
        assert!(calls.is_empty() || may_hold_a_token(&cookies), "a store call for a malformed token: {shown}");
        well_formed += usize::from(!calls.is_empty());
        longest = longest.max(cookies.len());
    }
    // The headers were what this test is about.
    assert!(well_formed > 1000 && longest == 8192, "{well_formed} {longest}");
}

/// The same bytes over a real connection: the server answers each and goes on.
#[tokio::test]
async fn hostile_headers_over_http() {
    let routes = Router::new()
        .route("/", get(|session: Session<Shop>| async move { session.count().await.map(|count| count.to_string()) }));
    let site = Site::open(&SessionManager::<Shop>::new(MemoryStore::new()), routes).await;
    let client = reqwest::Client::new();
    let many = vec![format!("{NAME}=x"); 500].join("; ").into_bytes();
    let hostile = [Vec::new(), vec![b';'; 8000], vec![0xff; 8000], many, format!("{NAME}=").into_bytes()];
    for bytes in hostile {
        let value = HeaderValue::from_bytes(&bytes).unwrap();
        let response = client.get(site.url("/")).header(header::COOKIE, value).send().await.unwrap();
        assert_eq!((response.status().as_u16(), response.text().await.unwrap()), (200, "0".to_owned()));
    }
}

on_each_store! {
    /// A thousand visitors with tokens that nobody issued, who only look: the store stays empty.
    async fn random_tokens_leave_no_records(store) {
        let faulty = FaultyStore::new(store);
        let routes = Router::new().route("/", get(|session: Session<Shop>| async move { session.count().await.map(|count| count.to_string()) }));
        let sessions = SessionManager::<Shop>::new(faulty.clone());
        let routes = routes.layer(sessions.layer());
        for _ in 0..1000 {
            let token = session_tests::forged_token().await;
            let request = Request::get("/").header(header::COOKIE, format!("{NAME}={token}")).body(Body::empty()).unwrap();
            routes.clone().oneshot(request).await.unwrap();
        }
        assert!(faulty.calls().iter().all(|call| *call == Operation::Load));
    }
}

/// A token is taken from the configured carrier only: not from the query, another header or a cookie of another name.
#[tokio::test]
async fn a_token_is_taken_from_its_carrier_only() {
    let sessions = SessionManager::<Shop>::new(MemoryStore::new());
    let session = sessions.start();
    session.set_count(7).await.unwrap();
    let token = session.token().unwrap();
    let routes = Router::new()
        .route("/", get(|session: Session<Shop>| async move { session.count().await.map(|count| count.to_string()) }));
    let site = Site::open(&sessions, routes).await;
    let client = reqwest::Client::new();
    let request =
        |name: &str, value: String| client.get(site.url(&format!("/?{NAME}={token}"))).header(name, value).send();
    let right = request("cookie", format!("a=b; {NAME}={token}; c=d")).await.unwrap();
    assert_eq!(right.text().await.unwrap(), "7");
    for (name, value) in [
        ("authorization", format!("Bearer {token}")),
        ("x-session", token.to_string()),
        ("cookie", format!("session={token}")),
        ("cookie", format!("x{NAME}={token}; {NAME}x={token}; {NAME} ={token}")),
        ("cookie", format!("{NAME}=\"{token}\"")),
        ("set-cookie", format!("{NAME}={token}")),
    ] {
        let wrong = request(name, value.clone()).await.unwrap();
        assert_eq!(wrong.text().await.unwrap(), "0", "{name}: {value}");
    }
}

/// Nothing that is emitted, shown or answered as an error ever holds a secret.
#[tokio::test]
async fn no_event_and_no_debug_text_holds_a_secret() {
    let events = Events::collect();
    let store = FaultyStore::new(MemoryStore::new());
    let sessions = SessionManager::<Shop>::builder(store.clone()).transport(Transport::Cookie).build().unwrap();
    let session = sessions.start().buffered();
    session.set_user(7).await.unwrap();
    session.set_flash("confidential".into()).await.unwrap();
    session.commit().await.unwrap();
    let token = session.token().unwrap();
    store.inject(1, Fault::LoseAnswer);
    store.inject(2, Fault::LoseAnswer);
    session.regenerate().await.unwrap();
    let error = session.commit().await.unwrap_err();
    session.set_flash("confidential".into()).await.unwrap();
    let other = sessions.open(&token).await;
    let shown = format!("{token:?} {session:?} {sessions:?} {error:?} {error} {other:?} {:?}", session.token());
    drop(session);
    let all = format!("{shown} {}", events.text());
    assert!(all.contains(&token.id().to_string()), "the ID may be shown, and is");
    // The last 21 characters of a token are of its secret alone.
    assert!(!all.contains(&token.to_string()[22..]), "{all}");
    assert!(!all.contains("confidential"), "{all}");
}
