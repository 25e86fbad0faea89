//! Requirements 1 to 7: what a token is, and from where one is taken.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::join_all;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use reqwest::Method;
use reqwest::header::HeaderValue;
use session_runtime::testing::Operation;
use session_runtime::{MemoryStore, SessionManager, Token, Transport};
use session_tests::{Answer, forged_token, has_any, secret};

use crate::world::{Account, NOBODY, Place, look};

const NAME: &str = "__Host-session";

/// What the site shows to a request with this header.
async fn look_with(site: &Place, name: &str, value: impl AsRef<[u8]>) -> Answer {
    let value = HeaderValue::from_bytes(value.as_ref()).unwrap();
    Answer::of(site.request(Method::GET, "/look").header(name, value)).await
}

/// A cookie as a server sends it.
fn planted(token: &Token) -> String {
    format!("{NAME}={token}; HttpOnly; SameSite=Lax; Secure; Path=/")
}

requirements! {
    async fn requirement_01_an_id_and_a_secret_have_128_bits_each(world) {
        let site = world.site().await;
        let token = site.signed_in(7).await.token().unwrap();
        assert!(token.id().as_bytes().len() * 8 >= 128 && secret(&token).len() * 8 >= 128);
    }

    /// The clock stands still, and the user is the same.
    async fn requirement_02_tokens_of_one_user_at_one_moment_have_no_part_in_common(world) {
        let site = world.site().await;
        join_all((0..32).map(|_| site.signed_in(7))).await;
        let tokens = world.tokens.all();
        let bytes: Vec<_> = tokens.iter().map(|token| URL_SAFE_NO_PAD.decode(token.to_string()).unwrap()).collect();
        let parts: Vec<_> = bytes.iter().flat_map(|token| token.windows(6)).collect();
        assert_eq!(parts.iter().collect::<HashSet<_>>().len(), parts.len());
    }

    async fn requirement_03_a_token_is_taken_from_its_cookie_only(world) {
        let site = world.site().await;
        let token = site.signed_in(7).await.token().unwrap();
        let seen = look_with(&site, "cookie", format!("a=b; {NAME}={token}; c=d")).await;
        assert_eq!(seen.text, "Some(7) None 0");
        for (name, value) in [
            ("authorization", format!("Bearer {token}")),
            ("x-session", token.to_string()),
            ("set-cookie", format!("{NAME}={token}")),
            ("cookie", format!("session={token}")),
            ("cookie", format!("x{NAME}={token}; {NAME}x={token}")),
            ("cookie", format!("{}={token}", NAME.to_uppercase())),
            ("cookie", format!("{NAME}=\"{token}\"")),
        ] {
            assert_eq!(look_with(&site, name, &value).await.text, NOBODY, "{name}: {value}");
        }
        let elsewhere = format!("/look?{NAME}={token}&sid={token}");
        for request in [
            site.request(Method::GET, &elsewhere),
            site.request(Method::POST, "/look").form(&[(NAME, token.to_string())]),
        ] {
            assert_eq!(Answer::of(request).await.text, NOBODY);
        }
    }

    async fn requirement_03_where_tokens_are_in_a_header_a_cookie_counts_for_nothing(world) {
        let site = world.site_with(|builder| builder.transport(Transport::bearer())).await;
        let answer = Answer::of(site.request(Method::POST, "/note").body("tea")).await;
        let bearer = answer.all("authorization").remove(0);
        let token = bearer.strip_prefix("Bearer ").unwrap();
        world.tokens.note(token.parse().unwrap());
        assert_eq!(look_with(&site, "authorization", &bearer).await.text, "None Some(\"tea\") 0");
        assert_eq!(look_with(&site, "cookie", format!("{NAME}={token}")).await.text, NOBODY);
    }

    async fn requirement_04_a_token_that_was_not_issued_is_never_adopted(world) {
        let site = world.site().await;
        for (page, body) in [("/note", "tea"), ("/count", ""), ("/sign-in", "7"), ("/busy", "")] {
            let forged = forged_token().await;
            let (victim, attacker) = (site.browser(), site.browser());
            victim.plant(&planted(&forged));
            attacker.plant(&planted(&forged));
            victim.post(page, body).await;
            let got = victim.token().unwrap();
            assert!(got.id() != forged.id() && secret(&got) != secret(&forged), "{page}");
            assert_eq!(look(&attacker).await, NOBODY, "{page}");
            assert!(!world.is_stored(forged.id()).await);
        }
    }

    async fn requirement_05_a_thousand_unknown_tokens_leave_nothing(world) {
        let site = world.site().await;
        let mut forged = Vec::new();
        for _ in 0..1000 {
            forged.push(forged_token().await);
        }
        for some in forged.chunks(50) {
            let answers = join_all(some.iter().map(|token| look_with(&site, "cookie", format!("{NAME}={token}")))).await;
            assert!(answers.iter().all(|answer| answer.text == NOBODY && answer.set_cookies().is_empty()));
        }
        assert_eq!(world.store.calls(), vec![Operation::Load; 1000]);
        assert!(!has_any(&world.bytes().await, forged.iter().map(|token| *token.id().as_bytes())));
    }

    /// Up to 8 KiB of any bytes that a header can hold, and values that are almost tokens.
    async fn requirement_06_whatever_a_cookie_holds_is_survived_and_malformed_costs_no_call(world) {
        let site = world.site().await;
        let any = prop::collection::vec(prop_oneof![Just(b'\t'), 0x20..0x7f_u8, 0x80..=0xff_u8], 0..8192);
        let almost = prop::collection::vec("__Host-session=[A-Za-z0-9_=-]{41,45}", 0..100);
        let almost = almost.prop_map(|pairs| pairs.join("; ").into_bytes());
        let cookies = prop_oneof![any, almost];
        let mut runner = TestRunner::deterministic();
        for _ in 0..200 {
            let cookie = cookies.new_tree(&mut runner).unwrap().current();
            world.store.forget();
            let answer = look_with(&site, "cookie", &cookie).await;
            assert_eq!((answer.status.as_u16(), &*answer.text, answer.set_cookies().len()), (200, NOBODY, 0));
            let text = String::from_utf8_lossy(&cookie);
            let values = text.split(';').filter_map(|pair| pair.trim_ascii().strip_prefix(NAME)?.strip_prefix('='));
            let well_formed = values.filter(|value| value.parse::<Token>().is_ok()).count();
            assert!(world.store.calls().len() <= well_formed.min(4), "{text}");
        }
    }

    async fn requirement_07_the_order_of_several_cookies_decides_nothing(world) {
        let site = world.site().await;
        let (ada, ben) = (site.signed_in(7).await.token().unwrap(), site.signed_in(8).await.token().unwrap());
        let (ada, ben) = (format!("{NAME}={ada}"), format!("{NAME}={ben}"));
        let unknown = format!("{NAME}={}", forged_token().await);
        for other in [&format!("{NAME}=bad"), &format!("{NAME}="), &unknown] {
            for cookies in [format!("{other}; {ada}"), format!("{ada}; {other}")] {
                assert_eq!(look_with(&site, "cookie", &cookies).await.text, "Some(7) None 0", "{cookies}");
            }
        }
        for cookies in [format!("{ben}; {ada}"), format!("{ada}; {ben}")] {
            assert_eq!(look_with(&site, "cookie", &cookies).await.text, NOBODY, "two sessions: none is used");
        }
        let mut many = String::new();
        for _ in 0..100 {
            many += &format!("{NAME}={}; ", forged_token().await);
        }
        world.store.forget();
        look_with(&site, "cookie", &many).await;
        assert!(world.store.calls().len() <= 4, "{:?}", world.store.calls());
    }
}

/// Six standard deviations: a fair generator fails this once in a million runs.
#[tokio::test]
async fn requirement_01_each_bit_is_fair_and_no_token_comes_twice() {
    const TOKENS: u32 = 1 << 15;
    let sessions = SessionManager::<Account>::new(MemoryStore::new());
    let (mut ones, mut halves) = (vec![0_u32; 256], HashSet::new());
    for _ in 0..TOKENS {
        let session = sessions.start();
        session.set_count(1).await.unwrap();
        let token = session.token().unwrap();
        let bytes = [token.id().as_bytes(), &secret(&token)[..16]].concat();
        for (at, count) in ones.iter_mut().enumerate() {
            *count += u32::from(bytes[at / 8] >> (at % 8) & 1);
        }
        halves.extend([bytes[..16].to_vec(), bytes[16..].to_vec()]);
        session.destroy().await.unwrap();
    }
    assert_eq!(halves.len(), 2 * TOKENS as usize);
    let deviation = f64::from(TOKENS).sqrt() / 2.0;
    for (bit, count) in ones.iter().enumerate() {
        assert!((f64::from(*count) - f64::from(TOKENS / 2)).abs() < 6.0 * deviation, "bit {bit}: {count} ones");
    }
}
