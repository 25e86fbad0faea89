//! What somebody does with a browser, and sees in it.

use std::time::{Duration, Instant};

use fantoccini::cookies::Cookie;
use fantoccini::{Client, Locator};

use crate::LIMIT;
use crate::program::Shop;

/// The shop's cookie.
const NAME: &str = "shop-session";

/// What the account page says to somebody who is not signed in.
pub(super) const NOBODY: &str = "Your account";

pub(super) async fn go(browser: &Client, shop: &Shop, path: &str) {
    browser.goto(&format!("{}{path}", shop.address)).await.expect("the page");
}

/// Waits for the element.
pub(super) async fn see(browser: &Client, css: &str) -> fantoccini::elements::Element {
    let wait = browser.wait().at_most(LIMIT).every(Duration::from_millis(20));
    match wait.for_element(Locator::Css(css)).await {
        Ok(element) => element,
        Err(error) => panic!("no {css} on {:?}: {error}", browser.current_url().await),
    }
}

pub(super) async fn click(browser: &Client, css: &str) {
    see(browser, css).await.click().await.expect("a click");
}

pub(super) async fn fill(browser: &Client, css: &str, text: &str) {
    see(browser, css).await.send_keys(text).await.expect("typing");
}

/// Waits until the element has this text: until then it may be the page's before.
pub(super) async fn read(browser: &Client, css: &str, text: &str) {
    let start = Instant::now();
    let mut seen = String::new();
    while seen != text {
        assert!(start.elapsed() < LIMIT, "{css} must be {text:?}, is {seen:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
        // An error if the page changes in this moment.
        seen = see(browser, css).await.text().await.unwrap_or_default();
    }
}

/// The products in both carts.
pub(super) async fn carts(ada: &Client, ben: &Client, shop: &Shop) -> (Vec<String>, Vec<String>) {
    (cart(ada, shop).await, cart(ben, shop).await)
}

async fn cart(browser: &Client, shop: &Shop) -> Vec<String> {
    go(browser, shop, "/cart").await;
    see(browser, "h1").await;
    let inputs = browser.find_all(Locator::Css("input[type=number]")).await.expect("a page");
    let mut products = Vec::new();
    for input in inputs {
        let id = input.attr("id").await.expect("a page").expect("an ID");
        products.push(id.trim_start_matches("quantity-").to_owned());
    }
    products
}

/// The session cookie's value, as the browser has it.
pub(super) async fn cookie(browser: &Client) -> Option<String> {
    let cookies = browser.get_all_cookies().await.expect("a list");
    let ours = cookies.iter().find(|cookie| cookie.name() == NAME)?;
    assert_eq!(ours.http_only(), Some(true));
    Some(ours.value().to_owned())
}

/// Fills in the form and waits for the page after it.
pub(super) async fn sign_in(browser: &Client, shop: &Shop, name: &str) {
    go(browser, shop, "/sign-in").await;
    fill(browser, "#name", name).await;
    fill(browser, "#password", "demo").await;
    click(browser, "main form button").await;
    read(browser, "h1", &format!("Hello, {name}")).await;
}

/// Who the browser's account page says that they are.
pub(super) async fn who(browser: &Client, shop: &Shop) -> String {
    go(browser, shop, "/account").await;
    see(browser, "h1").await.text().await.expect("a page")
}

/// Puts a cookie into the browser's profile, in place of the one that it has.
pub(super) async fn plant(browser: &Client, shop: &Shop, value: &str) {
    // A browser takes cookies for the page that it shows; this one does not touch the session.
    go(browser, shop, "/style.css").await;
    browser.delete_cookie(NAME).await.expect("no cookie");
    let cookie = Cookie::parse(format!("{NAME}={value}; Domain=127.0.0.1; Path=/; HttpOnly; SameSite=Lax"));
    browser.add_cookie(cookie.expect("well-formed")).await.expect("a cookie");
}
