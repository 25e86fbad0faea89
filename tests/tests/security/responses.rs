//! Requirements 38 and 40: what else a response says, and plain HTTP.

use axum::http::header;
use axum::routing::post;
use session_runtime::{CookieOptions, Session};

use crate::world::{Account, NOBODY, look, routes};

requirements! {
    async fn requirement_38_what_carries_a_token_is_not_cached_and_what_read_one_varies_by_it(world) {
        let cached = post(async |session: Session<Account>| {
            session.set_note("tea".into()).await.unwrap();
            session.regenerate().await.unwrap();
            ([(header::CACHE_CONTROL, "public, max-age=3600"), (header::VARY, "accept")], "cached")
        });
        let site = world.site_of(|builder| builder, routes().route("/cached", cached)).await;
        let browser = site.browser();
        for (page, body) in [("/note", "tea"), ("/cached", ""), ("/sign-in", "7"), ("/remember", "9"), ("/sign-out", "")] {
            let answer = browser.post(page, body).await;
            assert_eq!((answer.set_cookies().len(), answer.all("cache-control")), (1, vec!["no-store".to_owned()]), "{page}");
        }
        // Also of somebody who has no cookie yet: they are shown what others are not.
        for browser in [site.browser(), site.signed_in(7).await] {
            let answer = browser.get("/look").await;
            assert_eq!((answer.all("vary"), answer.all("cache-control").len()), (vec!["cookie".to_owned()], 0));
            let answer = browser.get("/nothing").await;
            assert_eq!((answer.all("vary").len(), answer.all("cache-control").len()), (0, 0));
        }
    }

    /// Over plain HTTP a browser takes no such cookie; one that it has from HTTPS it does not send.
    async fn requirement_40_no_session_is_begun_or_used_over_plain_http(world) {
        let site = world.site().await;
        let plain = site.browser().at("http://shop.example.com");
        let refused = plain.try_send(reqwest::Method::POST, "/sign-in", "7").await.unwrap_err();
        assert!(refused.contains("`Secure` over plain HTTP"), "{refused}");
        assert_eq!(look(&plain).await, NOBODY);
        let browser = site.signed_in(7).await;
        assert_eq!(look(&browser.clone().at("http://shop.example.com")).await, NOBODY);
        assert_eq!(look(&browser).await, "Some(7) None 0");
    }

    /// It takes two settings, and the name that promises HTTPS must go.
    async fn requirement_40_plain_http_is_an_explicit_choice(world) {
        let options = CookieOptions::new().name("session").secure(false);
        let site = world.site_with(|builder| builder.cookie(options)).await;
        let plain = site.browser().at("http://shop.example.com");
        plain.post("/note", "tea").await;
        assert_eq!(look(&plain).await, "None Some(\"tea\") 0");
    }
}
