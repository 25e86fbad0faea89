//! Signing in and out.

use crate::program::{Shop, folder};
use crate::visitor::Visitor;

#[tokio::test]
async fn signing_in_replaces_the_cookie_and_keeps_the_cart() {
    let folder = folder();
    let shop = Shop::open(&folder);
    let visitor = Visitor::default();
    visitor.add(&shop, "mug").await;
    let before = visitor.cookie();
    let page = visitor.sign_in(&shop, &[]).await;
    page.shows("Hello, Ada &lt;b&gt;");
    page.shows("id=\"visits\">1<");
    assert!(!page.set_cookie.expect("a new cookie").contains("Max-Age"));
    assert_ne!(visitor.cookie(), before);
    assert_eq!(visitor.get(&shop, "/cart").await.quantity("mug"), 1);

    let old = Visitor::with_cookie(before);
    let page = old.get(&shop, "/account").await;
    page.shows("You are not signed in");
    page.shows("You have no session");
    assert_eq!(old.get(&shop, "/cart").await.quantity("mug"), 0);
    visitor.get(&shop, "/account").await.shows("Hello, Ada");
}

#[tokio::test]
async fn a_remembered_visitor_gets_a_cookie_that_lasts() {
    let folder = folder();
    let shop = Shop::open(&folder);
    let [new, known] = [Visitor::default(), Visitor::default()];
    known.add(&shop, "tea").await;
    for visitor in [new, known] {
        let page = visitor.sign_in(&shop, &[("remember", "yes")]).await;
        let cookie = page.set_cookie.as_deref().expect("a new cookie");
        let max_age = cookie.split("Max-Age=").nth(1).and_then(|rest| rest.split(';').next()?.parse::<u64>().ok());
        let thirty_days = 30 * 24 * 60 * 60;
        assert!(max_age.is_some_and(|age| (thirty_days - 60..=thirty_days).contains(&age)), "{max_age:?}");
        page.shows("(in 30 days)");
    }
}

#[tokio::test]
async fn signing_out_ends_the_session() {
    let folder = folder();
    let shop = Shop::open(&folder);
    let visitor = Visitor::default();
    visitor.sign_in(&shop, &[]).await;
    let before = visitor.cookie();
    let page = visitor.send(&shop, "/sign-out", &[]).await;
    page.shows("You are signed out");
    assert!(page.set_cookie.expect("a removal").contains("Max-Age=0"));
    assert_eq!(visitor.cookie(), None);
    Visitor::with_cookie(before).get(&shop, "/account").await.shows("You have no session");
}
