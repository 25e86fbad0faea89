//! What browsers say of where a request comes from, and what the layer makes of it.

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, Version, header};
use session_runtime::{CsrfError, CsrfLayer, MemoryStore, SessionError, SessionManager, Transport};
use session_tests::{Events, Shop, Site};
use tower::ServiceExt as _;

use super::{Browser, routes};

fn sessions() -> SessionManager<Shop> {
    SessionManager::new(MemoryStore::new())
}

fn layer() -> CsrfLayer<Shop> {
    sessions().csrf_layer().trusted_origin("https://pay.example").unwrap()
}

async fn status(csrf: CsrfLayer<Shop>, method: &str, headers: &[(&'static str, &str)]) -> StatusCode {
    let mut request = Request::builder().method(method).uri("/nothing").body(Body::empty()).unwrap();
    for (name, value) in headers {
        request.headers_mut().append(*name, value.parse().unwrap());
    }
    // A router knows the methods of a route; here every method is one.
    let any = Router::new().fallback(async || ()).layer(csrf);
    any.oneshot(request).await.unwrap().status()
}

/// By `Sec-Fetch-Site`, else by `Origin` and `Host`; what is trusted passes in any case.
#[tokio::test]
async fn whose_requests_pass() {
    let (site, origin, host) = ("sec-fetch-site", "origin", "host");
    let shop = (host, "shop.example");
    let table: &[(bool, &[(&'static str, &str)])] = &[
        // By what browsers say since 2023.
        (true, &[(site, "same-origin")]),
        (true, &[(site, "none")]),
        (false, &[(site, "same-site")]),
        (false, &[(site, "cross-site")]),
        (false, &[(site, "")]),
        (false, &[(site, "Same-Origin")]),
        (false, &[(site, "same-origin, none")]),
        (false, &[(site, "same-origin"), (site, "same-origin")]),
        (true, &[(site, "same-origin"), (origin, "null"), shop]),
        (false, &[(site, "cross-site"), (origin, "https://shop.example"), shop]),
        (false, &[(site, "cross-site"), (origin, "https://evil.example"), shop]),
        (true, &[(site, "cross-site"), (origin, "https://pay.example"), shop]),
        (true, &[(site, "same-site"), (origin, "https://pay.example"), shop]),
        // By what all say.
        (true, &[]),
        (true, &[shop]),
        (true, &[(origin, "https://shop.example"), shop]),
        (true, &[(origin, "http://shop.example"), shop]),
        (true, &[(origin, "https://shop.example"), (host, "SHOP.example")]),
        (true, &[(origin, "https://shop.example"), (host, "shop.example:443")]),
        (true, &[(origin, "http://shop.example"), (host, "shop.example:80")]),
        (true, &[(origin, "http://shop.example:8080"), (host, "shop.example:8080")]),
        (true, &[(origin, "http://[::1]:8080"), (host, "[::1]:8080")]),
        (true, &[(origin, "https://pay.example"), shop]),
        (false, &[(origin, "https://shop.example"), (host, "shop.example:80")]),
        (false, &[(origin, "http://shop.example:8080"), shop]),
        (false, &[(origin, "http://shop.example"), (host, "shop.example:8080")]),
        (false, &[(origin, "https://evil.example"), shop]),
        (false, &[(origin, "https://shop.example.evil.example"), shop]),
        (false, &[(origin, "https://evil.example/shop.example"), shop]),
        (false, &[(origin, "https://a.shop.example"), shop]),
        (false, &[(origin, "null"), shop]),
        (false, &[(origin, "null"), (host, "null")]),
        (false, &[(origin, ""), (host, "")]),
        (false, &[(origin, "https://"), (host, "")]),
        (false, &[(origin, "https://shop.example")]),
        (false, &[(origin, "https://shop.example"), (origin, "https://shop.example"), shop]),
        (false, &[(origin, "https://shop.example"), shop, (host, "evil.example")]),
        (false, &[(origin, "https://pay.example:8443"), shop]),
        (false, &[(origin, "http://pay.example"), shop]),
        (false, &[(origin, "https://PAY.example"), shop]),
        (false, &[(origin, "https://pay.example.evil.example"), shop]),
    ];
    for (passes, headers) in table {
        for method in ["POST", "PUT", "PATCH", "DELETE", "BREW"] {
            let expected = if *passes { StatusCode::OK } else { StatusCode::FORBIDDEN };
            assert_eq!(status(layer(), method, headers).await, expected, "{method} with {headers:?}");
        }
        for method in ["GET", "HEAD", "OPTIONS", "TRACE"] {
            assert_eq!(status(layer(), method, headers).await, StatusCode::OK, "{method} with {headers:?}");
        }
    }
}

/// A WebSocket is opened with GET, and then does what it likes: another origin's is refused.
#[tokio::test]
async fn whose_sockets_open() {
    let (upgrade, shop) = (("upgrade", "websocket"), ("host", "shop.example"));
    for (expected, headers) in [
        (200, vec![("origin", "https://shop.example")]),
        (200, vec![("origin", "https://shop.example"), ("sec-fetch-site", "same-origin")]),
        (200, vec![("origin", "https://pay.example")]),
        (200, vec![("sec-fetch-site", "same-origin"), ("origin", "http://localhost:5173")]),
        (200, vec![("origin", "https://shop.example"), ("sec-fetch-site", "cross-site")]),
        (200, vec![]),
        (403, vec![("sec-fetch-site", "cross-site")]),
        (403, vec![("origin", "https://evil.example")]),
        (403, vec![("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")]),
        (403, vec![("origin", "null")]),
    ] {
        let headers = [headers, vec![shop]].concat();
        // Over HTTP/2 it is no upgrade.
        assert_eq!(status(layer(), "CONNECT", &headers).await, expected, "{headers:?}");
        let headers = [headers, vec![upgrade]].concat();
        assert_eq!(status(layer(), "GET", &headers).await, expected, "{headers:?}");
    }
    // What changes something right away is no such thing, whatever it says.
    let forged = [upgrade, shop, ("origin", "http://shop.example"), ("sec-fetch-site", "cross-site")];
    assert_eq!(status(layer(), "POST", &forged).await, 403);
}

/// HTTP/2 and 3 have the host in the address, where no header can contradict it.
#[tokio::test]
async fn the_host_may_be_in_the_address() {
    for (origin, expected) in [("https://shop.example", 200), ("https://evil.example", 403)] {
        let request = Request::post("https://shop.example/nothing").version(Version::HTTP_2);
        let request = request.header(header::HOST, "evil.example").header(header::ORIGIN, origin);
        let response = routes().layer(layer()).oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), expected, "{origin}");
    }
}

/// A refusal has an empty body, one event, and the reason for an outer layer.
#[tokio::test]
async fn a_refusal_is_opaque_and_reported_once() {
    let events = Events::collect();
    let sessions = sessions();
    let app = routes().layer(sessions.csrf_layer()).layer(sessions.layer());
    let mut ada = Browser::with_session(app).await;
    let forged = Request::post("/add").header("sec-fetch-site", "cross-site").header("origin", "https://evil.example");
    ada.send(forged, Body::empty()).await.refused(CsrfError::CrossOrigin);
    assert_eq!(ada.get("/count").await.passed(), "1");
    let text = events.text();
    assert_eq!(events.count("a request was refused"), 1, "{text}");
    for part in ["comes from another origin", "https://evil.example", "POST", "/add"] {
        assert!(text.contains(part), "{part} is not in: {text}");
    }
    assert!(!text.contains(&ada.cookie[15..]), "{text}");
    let own = Request::post("/add").header("sec-fetch-site", "same-origin");
    ada.send(own, Body::empty()).await.passed();
    assert_eq!(ada.get("/count").await.passed(), "2");
}

/// A token in a header comes from no page but the client's own.
#[tokio::test]
async fn tokens_in_headers_need_no_protection() {
    let sessions = SessionManager::<Shop>::builder(MemoryStore::new()).transport(Transport::bearer()).build().unwrap();
    let session = sessions.start();
    session.set_count(1).await.unwrap();
    let bearer = format!("Bearer {}", session.token().unwrap());
    let csrf = sessions.csrf_layer();
    for app in [routes().layer(csrf.clone()), routes().layer(csrf.require_token())] {
        let request =
            Request::post("/add").header("sec-fetch-site", "cross-site").header("origin", "https://app.example");
        let request = request.header("authorization", &bearer).body(Body::empty()).unwrap();
        let response = app.layer(sessions.layer()).oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
    }
    assert_eq!(sessions.open(&session.token().unwrap()).await.unwrap().unwrap().count().await.unwrap(), 3);
}

/// What would never be met is refused when it is given, with what to write.
#[test]
fn origins_that_browsers_do_not_write() {
    for origin in [
        "https://shop.example",
        "http://localhost:8080",
        "https://xn--exmple-cua.example",
        "http://127.0.0.1:3000",
        "http://[::1]:3000",
        "capacitor://localhost",
        "chrome-extension://abcdefgh",
    ] {
        assert!(sessions().csrf_layer().trusted_origin(origin).is_ok(), "{origin}");
    }
    for (origin, says) in [
        ("shop.example", "the scheme"),
        ("//shop.example", "the scheme"),
        ("https://", "the scheme"),
        ("", "the scheme"),
        ("null", "the scheme"),
        ("*", "the scheme"),
        ("https://*.shop.example", "the scheme"),
        ("https://shop.example/", "nothing behind"),
        ("https://shop.example/pay", "nothing behind"),
        ("https://shop.example?", "nothing behind"),
        ("https://ada@shop.example", "the scheme"),
        ("https://Shop.example", "in lower case"),
        ("HTTPS://shop.example", "in lower case"),
        ("https://exämple.example", "the scheme"),
        ("https://shop.example:", "the scheme"),
        ("https://shop.example:08443", "the scheme"),
        (" https://shop.example", "the scheme"),
        ("https://shop.example:443", "write `https://shop.example`, not"),
        ("http://[::1]:80", "write `http://[::1]`, not"),
    ] {
        match sessions().csrf_layer().trusted_origin(origin) {
            Err(SessionError::Config { reason }) => assert!(reason.contains(says), "{origin}: {reason}"),
            _ => panic!("{origin:?} was not refused"),
        }
    }
}

/// With a real client and a real server, which has the host and the port from the connection.
#[tokio::test]
async fn over_a_connection() {
    let sessions = sessions();
    let site = Site::open(&sessions, routes().layer(sessions.csrf_layer())).await;
    let own = site.url("");
    let client = reqwest::Client::new();
    for (method, origin, site_header, expected) in [
        (Method::POST, Some(&*own), None, 200),
        (Method::POST, None, None, 200),
        (Method::POST, Some("http://127.0.0.1"), None, 403),
        (Method::POST, Some("https://evil.example"), None, 403),
        (Method::POST, Some("https://evil.example"), Some("cross-site"), 403),
        (Method::GET, Some("https://evil.example"), Some("cross-site"), 200),
    ] {
        let mut request = client.request(method.clone(), site.url("/nothing"));
        for (name, value) in [("origin", origin), ("sec-fetch-site", site_header)] {
            request = value.into_iter().fold(request, |request, value| request.header(name, value));
        }
        assert_eq!(request.send().await.unwrap().status(), expected, "{method} {origin:?} {site_header:?}");
    }
}
