//! Signing in and out, and what a thief can do, with two profiles: Ada's, and another one.

use std::time::Instant;

use fantoccini::Client;

use super::driver::play;
use super::steps::{NOBODY, click, cookie, go, plant, read, see, sign_in, who};
use crate::LIMIT;
use crate::program::{Shop, folder, log};

/// One after the other in the same two browsers: to start these takes longer than the stories do.
#[tokio::test]
#[cfg_attr(not(has_chromium), ignore = "needs Chromium: apt-get install chromium chromium-driver")]
async fn stories_of_signing_in_and_out_and_theft() {
    play(async |ada: &Client, other: &Client| {
        signing_in(ada, other).await;
        signing_out(ada, other).await;
        fixation(ada, other).await;
        theft_and_reuse(ada, other).await;
        signing_out_everywhere(ada, other).await;
    })
    .await;
}

/// Begins a session, and gives its cookie.
async fn fill_the_cart(browser: &Client, shop: &Shop) -> String {
    go(browser, shop, "/products/lamp").await;
    click(browser, "main form button").await;
    see(browser, "#quantity-lamp").await;
    cookie(browser).await.expect("a session")
}

/// How many kinds of lamps are in the cart.
async fn lamps(browser: &Client, shop: &Shop) -> usize {
    go(browser, shop, "/cart").await;
    see(browser, "h1").await;
    browser.find_all(fantoccini::Locator::Css("#quantity-lamp")).await.expect("a page").len()
}

/// Has these browsers be as new.
async fn forget(browsers: &[&Client]) {
    for browser in browsers {
        browser.delete_all_cookies().await.expect("no cookies");
    }
}

/// Waits for what takes some seconds.
async fn until(is_so: impl AsyncFn() -> bool) {
    let start = Instant::now();
    while !is_so().await {
        assert!(start.elapsed() < LIMIT, "waited too long");
    }
}

/// Signing in replaces the cookie and keeps the cart; the cookie before it, copied, is nobody's.
async fn signing_in(ada: &Client, other: &Client) {
    let folder = folder();
    forget(&[ada, other]).await;
    let shop = Shop::open(&folder);
    let before = fill_the_cart(ada, &shop).await;
    plant(other, &shop, &before).await;
    assert_eq!(lamps(other, &shop).await, 1, "the copy was good");
    sign_in(ada, &shop, "Ada").await;
    assert_ne!(cookie(ada).await.expect("a session"), before);
    assert_eq!((lamps(ada, &shop).await, lamps(other, &shop).await), (1, 0));
    assert_eq!((who(ada, &shop).await, who(other, &shop).await), ("Hello, Ada".to_owned(), NOBODY.to_owned()));
}

/// Signing out ends the session also for whoever has a copy of the cookie.
async fn signing_out(ada: &Client, other: &Client) {
    let folder = folder();
    forget(&[ada, other]).await;
    let shop = Shop::open(&folder);
    sign_in(ada, &shop, "Ada").await;
    plant(other, &shop, &cookie(ada).await.expect("a session")).await;
    assert_eq!(who(other, &shop).await, "Hello, Ada");
    click(ada, "form[action='/sign-out'] button").await;
    read(ada, "h1", "You are signed out").await;
    assert_eq!(cookie(ada).await, None);
    assert_eq!((who(ada, &shop).await, who(other, &shop).await), (NOBODY.to_owned(), NOBODY.to_owned()));
}

/// Somebody plants a cookie that they know before Ada signs in: their own session's, and one that they made up.
async fn fixation(ada: &Client, other: &Client) {
    let folder = folder();
    forget(&[ada, other]).await;
    let shop = Shop::open(&folder);
    let theirs = fill_the_cart(other, &shop).await;
    let made_up = "A".repeat(theirs.len());
    for planted in [theirs, made_up] {
        plant(ada, &shop, &planted).await;
        sign_in(ada, &shop, "Ada").await;
        assert_ne!(cookie(ada).await.expect("a session"), planted);
        plant(other, &shop, &planted).await;
        assert_eq!(who(other, &shop).await, NOBODY);
        assert_eq!(who(ada, &shop).await, "Hello, Ada");
    }
}

/// A stolen cookie is good until its secret is renewed; after that, use of it is noticed and gets nobody in.
async fn theft_and_reuse(ada: &Client, thief: &Client) {
    let folder = folder();
    forget(&[ada, thief]).await;
    let shop = Shop::with(&folder, &["--renew-after", "3"]);
    sign_in(ada, &shop, "Ada").await;
    let stolen = cookie(ada).await.expect("a session");
    plant(thief, &shop, &stolen).await;
    assert_eq!(cookie(thief).await, cookie(ada).await);
    // Ada goes on until she has another cookie, and has used it once.
    until(async || {
        assert_eq!(who(ada, &shop).await, "Hello, Ada");
        cookie(ada).await.as_ref() != Some(&stolen)
    })
    .await;
    assert_eq!(who(ada, &shop).await, "Hello, Ada");
    until(async || who(thief, &shop).await == NOBODY).await;
    assert_eq!(log(&folder).matches("somebody may have copied it").count(), 1);
    assert_eq!(who(ada, &shop).await, "Hello, Ada");
}

/// Ada signs out one of her other devices, and then all that are left, and stays.
async fn signing_out_everywhere(ada: &Client, phone: &Client) {
    let folder = folder();
    forget(&[ada, phone]).await;
    let shop = Shop::open(&folder);
    sign_in(ada, &shop, "Ada").await;
    sign_in(phone, &shop, "Ada").await;
    go(ada, &shop, "/devices").await;
    read(ada, "#this-device", "This device").await;
    read(ada, "#devices li strong", "Chrome on Linux").await;
    click(ada, "button[aria-label='Sign out Chrome on Linux']").await;
    read(ada, "[role=status]", "That device is signed out.").await;
    assert_eq!((who(phone, &shop).await, who(ada, &shop).await), (NOBODY.to_owned(), "Hello, Ada".to_owned()));

    sign_in(phone, &shop, "Ada").await;
    go(ada, &shop, "/devices").await;
    click(ada, "form[action='/devices/sign-out-others'] button").await;
    read(ada, "[role=status]", "You are signed out everywhere else.").await;
    assert_eq!((who(phone, &shop).await, who(ada, &shop).await), (NOBODY.to_owned(), "Hello, Ada".to_owned()));
}
