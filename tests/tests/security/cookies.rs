//! Requirements 8 to 18: what the cookie is. The browser itself refuses what is against RFC 6265bis.

use proptest::prelude::*;
use reqwest::Method;
use session_runtime::{Builder, CookieOptions, MemoryStore, SameSite, SessionError, SessionManager};
use session_tests::{Browser, Tokens};

use crate::world::{Account, DAY, Place, look, routes};

/// The cookies with every attribute that there is, each at home at its address.
fn elaborate() -> Vec<(CookieOptions, &'static str)> {
    let here = "https://shop.example.com";
    vec![
        (CookieOptions::new(), here),
        (CookieOptions::new().same_site(SameSite::Strict).partitioned(true), here),
        (CookieOptions::new().name("__Host-Http-id"), here),
        (CookieOptions::new().name("__Http-id").path("/shop"), "https://shop.example.com/shop/"),
        (CookieOptions::new().name("__Secure-id").domain("example.com").same_site(SameSite::None), here),
        (CookieOptions::new().name("id").domain("shop.example.com").partitioned(true), here),
        (CookieOptions::new().name("id").secure(false), "http://shop.example.com"),
    ]
}

fn with_cookie(options: CookieOptions) -> Result<SessionManager<Account>, SessionError> {
    Builder::build(SessionManager::builder(MemoryStore::new()).cookie(options))
}

#[track_caller]
fn is_refused(options: CookieOptions) {
    let built = with_cookie(options.clone());
    assert!(matches!(built, Err(SessionError::Config { .. })), "{options:?} was not refused");
}

/// Somebody at this address of a site with these options.
async fn visit(options: CookieOptions, address: &str) -> (Place, Browser) {
    let routes = routes().nest("/shop", routes());
    let place = Place::open(with_cookie(options).unwrap(), routes, &Tokens::default()).await;
    let browser = place.browser().at(address);
    (place, browser)
}

/// The attributes of the cookie that these options make, from `HttpOnly` on.
async fn attributes(options: CookieOptions, address: &str) -> Vec<String> {
    let (_place, browser) = visit(options, address).await;
    let cookie = browser.post("note", "tea").await.set_cookies().remove(0);
    cookie.split("; ").skip(1).map(str::to_owned).collect()
}

requirements! {
    async fn requirement_08_a_response_has_at_most_one_cookie_of_ours(world) {
        let site = world.site().await;
        let ada = site.browser();
        for page in ["/busy", "/busy", "/sign-out"] {
            assert_eq!(ada.post(page, "").await.set_cookies().len(), 1, "{page}");
        }
        assert!(ada.get("/look").await.set_cookies().is_empty());
    }

    async fn requirement_10_by_default_the_cookie_is_for_https_and_this_host_alone(world) {
        let site = world.site().await;
        let cookie = site.browser().post("/note", "tea").await.set_cookies().remove(0);
        let (name, attributes) = cookie.split_once('=').unwrap();
        assert_eq!(name, "__Host-session");
        assert_eq!(attributes.split_once("; ").unwrap().1, "HttpOnly; SameSite=Lax; Secure; Path=/");
    }

    /// The session may live longer; its cookie is sent anew when its secret is renewed.
    async fn requirement_17_no_cookie_lasts_longer_than_400_days(world) {
        let site = world.site_with(|builder| builder.renew_after(30 * DAY)).await;
        let ada = site.browser();
        ada.post("/note", "tea").await;
        let cookie = ada.post("/remember", "3650").await.set_cookies().remove(0);
        let longest = format!("; Max-Age={}", 400 * 24 * 60 * 60);
        assert!(cookie.ends_with(&longest), "{cookie}");
        world.clock.advance(399 * DAY);
        let cookies = ada.get("/look").await.set_cookies();
        assert!(cookies[0].ends_with(&longest), "{cookies:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the options are: they are refused, or the cookie is one that a strict browser takes and sends back.
    #[test]
    fn requirement_09_accepted_options_make_a_cookie_by_the_grammar(
        prefix in prop::sample::select(vec!["", "__Host-", "__hOST-", "__Secure-", "__HTTP-", "__Host-Http-"]),
        name in prop_oneof!["[!-~]{0,6}", "[a-z]{1,6}"],
        path in prop_oneof![Just("/".to_owned()), "/?[ -~]{0,6}"],
        domain in prop_oneof![Just(None), Just(Some("shop.example.com".to_owned())), "[ -~]{0,5}[!-/:-~]".prop_map(Some)],
        secure: bool, partitioned: bool, site in 0..3_usize,
    ) {
        let mut options = CookieOptions::new().name(format!("{prefix}{name}")).path(path.clone()).secure(secure);
        options = options.partitioned(partitioned).same_site([SameSite::Strict, SameSite::Lax, SameSite::None][site]);
        if let Some(domain) = &domain {
            options = options.domain(domain.clone());
        }
        if let Ok(sessions) = with_cookie(options) {
            let address = format!("https://{}", domain.as_deref().unwrap_or("shop.example.com"));
            let host = url::Url::parse(&address).map(|url| url.host_str().map(str::to_owned));
            prop_assert!(host.is_ok(), "no host has this name: {address}");
            // Some names are numbers, and so addresses in other words.
            prop_assume!(domain.is_none_or(|domain| host == Ok(Some(domain.to_lowercase()))));
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let answer = runtime.block_on(async {
                let place = Place::open(sessions, routes(), &Tokens::default()).await;
                place.browser().at(&address).try_send(Method::POST, "/note", "tea").await
            });
            prop_assert!(answer.is_ok(), "{}", answer.unwrap_err());
        }
    }
}

#[test]
fn requirement_10_a_prefix_and_what_it_forbids_are_a_configuration_error() {
    let host = CookieOptions::new;
    let secure = || CookieOptions::new().name("__Secure-session");
    for options in [host().secure(false), host().domain("example.com"), host().path("/shop"), secure().secure(false)] {
        is_refused(options);
    }
    assert!(with_cookie(secure().domain("example.com").path("/shop")).is_ok());
}

#[test]
fn requirement_11_prefixes_are_known_in_any_case() {
    for name in ["__hOsT-x", "__HOST-x", "__host-http-x"] {
        is_refused(CookieOptions::new().name(name).domain("example.com"));
        is_refused(CookieOptions::new().name(name).path("/shop"));
        is_refused(CookieOptions::new().name(name).secure(false));
    }
    for name in ["__sEcUrE-x", "__SECURE-x", "__http-x", "__HTTP-x"] {
        is_refused(CookieOptions::new().name(name).secure(false));
    }
}

#[tokio::test]
async fn requirement_11_cookies_by_http_alone_have_prefixes_too() {
    for name in ["__Http-id", "__Host-Http-id"] {
        let (_place, browser) = visit(CookieOptions::new().name(name), "https://shop.example.com").await;
        browser.post("/note", "tea").await;
        assert_eq!(look(&browser).await, "None Some(\"tea\") 0");
    }
}

#[tokio::test]
async fn requirement_12_no_script_reads_the_cookie() {
    for (options, address) in elaborate() {
        assert!(attributes(options, address).await.contains(&"HttpOnly".to_owned()));
    }
}

#[tokio::test]
async fn requirement_13_same_site_is_always_said() {
    for (options, address) in elaborate() {
        let said = attributes(options, address).await;
        assert_eq!(said.iter().filter(|attribute| attribute.starts_with("SameSite=")).count(), 1, "{said:?}");
    }
    is_refused(CookieOptions::new().name("id").same_site(SameSite::None).secure(false));
}

#[test]
fn requirement_14_a_partitioned_cookie_is_secure() {
    is_refused(CookieOptions::new().name("id").partitioned(true).secure(false));
    assert!(with_cookie(CookieOptions::new().partitioned(true)).is_ok());
}

#[tokio::test]
async fn requirement_15_by_default_no_other_host_gets_the_cookie() {
    let said = attributes(CookieOptions::new(), "https://shop.example.com").await;
    assert!(!said.iter().any(|attribute| attribute.starts_with("Domain")), "{said:?}");
    let (_place, browser) = visit(CookieOptions::new(), "https://shop.example.com").await;
    browser.post("/note", "tea").await;
    let elsewhere = ["https://www.shop.example.com", "https://example.com", "https://shop.example.com.evil.example"];
    for address in elsewhere {
        assert_eq!(browser.clone().at(address).token(), None, "{address}");
    }
    let (_place, browser) =
        visit(CookieOptions::new().name("id").path("/shop"), "https://shop.example.com/shop/").await;
    browser.post("note", "tea").await;
    assert!(browser.token().is_some() && browser.at("https://shop.example.com/").token().is_none());
}

#[tokio::test]
async fn requirement_16_a_cookie_that_browsers_would_drop_is_a_configuration_error() {
    let named = |length: usize| CookieOptions::new().name("x".repeat(length));
    let longest = (1..=4096).rev().find(|length| with_cookie(named(*length)).is_ok()).unwrap();
    is_refused(named(longest + 1));
    // The browser panics at a cookie that is too long.
    let (_place, browser) = visit(named(longest), "https://shop.example.com").await;
    let cookie = browser.post("/note", "tea").await.set_cookies().remove(0);
    let pair = cookie.split_once(';').unwrap().0;
    assert!((4000..=4097).contains(&pair.len()), "with its `=`: {}", pair.len());
    let at_path = |length: usize| CookieOptions::new().name("id").path(format!("/{}", "x".repeat(length - 1)));
    assert!(with_cookie(at_path(1024)).is_ok());
    is_refused(at_path(1025));
}

#[tokio::test]
async fn requirement_18_a_removal_empties_the_jar() {
    for (options, address) in elaborate() {
        let (_place, browser) = visit(options.clone(), address).await;
        browser.post("note", "tea").await;
        assert!(!browser.has_no_cookie());
        let removal = browser.post("sign-out", "").await.set_cookies();
        assert!(browser.has_no_cookie(), "{options:?}: {removal:?}");
    }
}
