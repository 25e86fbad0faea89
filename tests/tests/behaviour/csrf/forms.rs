//! Where a token is looked for, and that the handler gets the form as it was sent.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody as _};
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::routing::post;
use futures_util::stream;
use http_body_util::BodyExt as _;
use proptest::prelude::*;
use session_runtime::{CsrfError, MemoryStore, SessionManager};
use session_tests::Shop;
use tokio::sync::Notify;

use super::{Browser, form_to, with_tokens};

/// How long anything here may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(20);

/// Somebody with a session and its token.
async fn ada() -> (Browser, String) {
    let sessions = SessionManager::<Shop>::new(MemoryStore::new());
    let mut ada = Browser::with_session(with_tokens(&sessions)).await;
    let token = ada.get("/form").await.passed();
    (ada, token)
}

/// A body that arrives in these pieces, as if from a network.
fn pieces(pieces: Vec<Bytes>) -> Body {
    Body::from_stream(stream::iter(pieces.into_iter().map(Ok::<_, io::Error>)))
}

/// Wherever the field is in the form.
#[tokio::test]
async fn the_field_may_be_anywhere_in_the_form() {
    let (mut ada, token) = ada().await;
    let passing = [
        format!("csrf_token={token}"),
        format!("csrf_token={token}&"),
        format!("&&csrf_token={token}&a=b"),
        format!("a=b&csrf_token={token}"),
        format!("a=csrf_token=x&csrf_token={token}"),
        format!("csrf_token&csrf_tokens=x&xcsrf_token=x&csrf_token={token}"),
        format!("csrf_token={token}&csrf_token=x"),
        format!("a={}&csrf_token={token}", "x".repeat(100_000)),
    ];
    for form in passing {
        assert_eq!(ada.post("/echo", &form).await.passed(), form);
    }
    for form in [
        format!("csrf_token={token}A"),
        format!("csrf_token={token}%20"),
        format!("csrf_token={token}\r\n"),
        format!("csrf_token=x&csrf_token={token}"),
        "csrf_token=".to_owned(),
    ] {
        ada.post("/echo", &form).await.refused(CsrfError::WrongToken);
    }
    for form in ["", "&", "csrf_token", "a=b", &format!("CSRF_TOKEN={token}"), &format!("a;csrf_token={token}"), &token]
    {
        ada.post("/echo", form).await.refused(CsrfError::MissingToken);
    }
}

/// Scripts send the token in a header, with a body of any type, which is not looked at.
#[tokio::test]
async fn the_token_may_be_in_a_header() {
    let (mut ada, token) = ada().await;
    let request =
        |value: &str, kind| Request::post("/echo").header("X-CSRF-Token", value).header(header::CONTENT_TYPE, kind);
    for kind in ["application/json", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", ""] {
        assert_eq!(ada.send(request(&token, kind), "{}".into()).await.passed(), "{}");
    }
    // A wrong one is wrong, whatever else there is.
    let form = || format!("csrf_token={token}").into();
    ada.send(request("x", "application/x-www-form-urlencoded"), form()).await.refused(CsrfError::WrongToken);
    ada.send(request("", "application/x-www-form-urlencoded"), form()).await.refused(CsrfError::WrongToken);
}

/// Only forms of the one type are read.
#[tokio::test]
async fn only_forms_are_read() {
    let (mut ada, token) = ada().await;
    let form = format!("csrf_token={token}");
    for (kind, passes) in [
        ("application/x-www-form-urlencoded; charset=utf-8", true),
        ("Application/X-WWW-Form-URLencoded", true),
        ("application/x-www-form-urlencoded-not", false),
        ("text/plain", false),
        ("multipart/form-data; boundary=csrf_token", false),
        ("", false),
    ] {
        let request = Request::post("/echo").header(header::CONTENT_TYPE, kind);
        let answer = ada.send(request, form.clone().into()).await;
        if passes { drop(answer.passed()) } else { answer.refused(CsrfError::MissingToken) }
    }
}

/// No more of a form is read than the limit says: where the token is not found by then, it is 413.
#[tokio::test]
async fn the_limit_is_on_what_is_read_for_the_token() {
    let sessions = SessionManager::<Shop>::new(MemoryStore::new());
    let csrf = sessions.csrf_layer().require_token();
    let app = |limit| super::routes().layer(csrf.clone().form_limit(limit)).layer(sessions.layer());
    let mut ada = Browser::with_session(app(1)).await;
    let token = ada.get("/form").await.passed();
    let exact = format!("a={}&csrf_token={token}", "x".repeat(100));
    for (limit, passes) in [(exact.len(), true), (exact.len() - 1, false), (0, false)] {
        ada.routes = app(limit);
        for body in [Body::from(exact.clone()), pieces(exact.bytes().map(|byte| Bytes::from(vec![byte])).collect())] {
            let answer = ada.send(form_to("/echo"), body).await;
            match passes {
                true => assert_eq!(answer.passed(), exact),
                false => {
                    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
                    answer.refused(CsrfError::TooLarge { limit });
                }
            }
        }
    }
    // What comes after the token is the handler's business.
    ada.routes = app(60);
    let longer = format!("csrf_token={token}&a={}", "x".repeat(100_000));
    assert_eq!(ada.post("/echo", &longer).await.passed(), longer);
}

/// The limit that a form has where none was set is the one that axum's `Form` has.
#[tokio::test]
async fn the_usual_limit() {
    let (mut ada, token) = ada().await;
    let rest = format!("&csrf_token={token}");
    let most = 2 * 1024 * 1024;
    let padded = |length: usize| format!("{}{rest}", "x".repeat(length - rest.len()));
    assert_eq!(ada.post("/echo", &padded(most)).await.passed().len(), most);
    ada.post("/echo", &padded(most + 1)).await.refused(CsrfError::TooLarge { limit: most });
}

/// A form that breaks off is nobody's.
#[tokio::test]
async fn a_form_that_breaks_off() {
    let (mut ada, token) = ada().await;
    let broken = |first: String| {
        Body::from_stream(stream::iter([Ok(Bytes::from(first)), Err(io::Error::other("the network is gone"))]))
    };
    ada.send(form_to("/echo"), broken("a=b".into())).await.refused(CsrfError::UnreadableBody);
    // After its token, it is the handler that sees it: axum answers 400.
    let answer = ada.send(form_to("/echo"), broken(format!("csrf_token={token}&a="))).await;
    assert_eq!((answer.status, answer.refused), (StatusCode::BAD_REQUEST, None));
    assert_ne!(answer.text, "");
}

/// What comes after the token is not waited for: the handler has the request, and reads it as it arrives.
#[tokio::test]
async fn a_long_form_is_streamed() {
    const PIECE: usize = 64 * 1024;
    const PIECES: usize = 128;
    let begun = Arc::new(Notify::new());
    let handler = {
        let begun = Arc::clone(&begun);
        async move |request: Request<Body>| {
            begun.notify_one();
            let mut length = 0;
            let mut body = request.into_body();
            while let Some(frame) = body.frame().await {
                length += frame.unwrap().into_data().unwrap().len();
            }
            length.to_string()
        }
    };
    let sessions = SessionManager::<Shop>::new(MemoryStore::new());
    let routes = super::routes().route("/upload", post(handler));
    let routes: Router = routes.layer(sessions.csrf_layer().require_token()).layer(sessions.layer());
    let mut ada = Browser::with_session(routes).await;
    let head = format!("csrf_token={}&file=", ada.get("/form").await.passed());
    let length = head.len() + PIECES * PIECE;
    let body = stream::unfold(0, move |sent| {
        let (head, begun) = (head.clone(), Arc::clone(&begun));
        async move {
            if sent == 1 {
                // More comes only once the handler runs.
                begun.notified().await;
            }
            let piece = if sent == 0 { Bytes::from(head) } else { Bytes::from(vec![b'x'; PIECE]) };
            (sent <= PIECES).then_some((Ok::<_, io::Error>(piece), sent + 1))
        }
    });
    let answer = tokio::time::timeout(LIMIT, ada.send(form_to("/upload"), Body::from_stream(body)));
    assert_eq!(answer.await.expect("the handler has begun").passed(), length.to_string());
}

/// The handler learns the form's length as if nobody had read it, and gets what comes after it.
#[tokio::test]
async fn length_and_trailers_are_handed_on() {
    let handler = async |request: Request<Body>| {
        let body = request.into_body();
        let hint = body.size_hint().exact();
        let read = body.collect().await.unwrap();
        let trailer = read.trailers().map(|trailers| trailers["x-sum"].to_str().unwrap().to_owned());
        format!("{hint:?} {} {trailer:?}", read.to_bytes().len())
    };
    let sessions = SessionManager::<Shop>::new(MemoryStore::new());
    let routes = super::routes().route("/look", post(handler));
    let mut ada =
        Browser::with_session(routes.layer(sessions.csrf_layer().require_token()).layer(sessions.layer())).await;
    let token = ada.get("/form").await.passed();
    for form in [format!("csrf_token={token}&a=b"), format!("a=b&csrf_token={token}")] {
        let whole = Body::from(form.clone());
        let expected = format!("Some({0}) {0} None", form.len());
        assert_eq!(ada.send(form_to("/look"), whole).await.passed(), expected);
        let mut trailers = HeaderMap::new();
        trailers.insert("x-sum", "42".parse().unwrap());
        let sent = Body::from(form.clone()).with_trailers(async { Some(Ok(trailers)) });
        let answer = ada.send(form_to("/look"), Body::new(sent)).await.passed();
        assert!(answer.ends_with(&format!("{} Some(\"42\")", form.len())), "{answer}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// However a form is cut into pieces: the token is found, and the handler gets every byte.
    #[test]
    fn forms_in_pieces(
        before in "([a-z%+=]{0,12}&){0,3}", after in "(&[a-z%+=]{0,12}){0,3}", cuts in prop::collection::vec(0_usize..100, 0..8),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (mut ada, token) = ada().await;
            let form = Bytes::from(format!("{before}csrf_token={token}{after}"));
            let mut cuts: Vec<_> = cuts.iter().map(|cut| (*cut).min(form.len())).chain([0, form.len()]).collect();
            cuts.sort_unstable();
            let body = pieces(cuts.windows(2).map(|cut| form.slice(cut[0]..cut[1])).collect());
            let answer = ada.send(form_to("/echo"), body).await.passed();
            assert_eq!(answer.as_bytes(), form);
        });
    }
}

/// What is kept of a form takes as much room as it has bytes, however few come at a time.
#[tokio::test]
async fn what_came_in_small_pieces_is_handed_on_as_one() {
    let (mut ada, token) = ada().await;
    let read = format!("{}csrf_token={token}&", "a=1&".repeat(100));
    let bytes = format!("{read}b=1").into_bytes();
    let each = bytes.into_iter().map(|byte| Bytes::from(vec![byte])).collect();
    assert_eq!(ada.send(form_to("/pieces"), pieces(each)).await.passed(), format!("{} 1 1 1 ", read.len()));
}

/// Some bodies must not be asked again once they have ended.
#[tokio::test]
async fn a_body_that_was_read_to_its_end_is_not_asked_again() {
    let (mut ada, token) = ada().await;
    let form = format!("a=1&csrf_token={token}");
    let once = stream::unfold(Some(form.clone()), async |form| Some((Ok::<_, io::Error>(form?), None)));
    assert_eq!(ada.send(form_to("/echo"), Body::from_stream(once)).await.passed(), form);
}
