//! Two visitors, from the catalogue to signing out.

use fantoccini::Client;
use session_tests::Site;

use super::driver::play;
use super::steps::{carts, click, cookie, fill, go, read, see};
use crate::program::{Shop, folder};

#[tokio::test]
#[cfg_attr(not(has_chromium), ignore = "needs Chromium: apt-get install chromium chromium-driver")]
async fn two_browsers_visit_the_shop() {
    play(visit).await;
}

async fn visit(ada: &Client, ben: &Client) {
    let folder = folder();
    let shop = Shop::open(&folder);

    // Looking around leaves no cookie.
    go(ada, &shop, "/").await;
    see(ada, "h1").await;
    assert_eq!(cookie(ada).await, None);

    // Each has a cart.
    go(ada, &shop, "/products/lamp").await;
    click(ada, "main form button").await;
    read(ada, "[role=status]", "Desk lamp is in your cart.").await;
    go(ben, &shop, "/").await;
    click(ben, "button[aria-label='Add Tin of tea to the cart']").await;
    see(ben, "#quantity-tea").await;
    assert_eq!(carts(ada, ben, &shop).await, (["lamp"].map(String::from).to_vec(), ["tea"].map(String::from).to_vec()));

    click(ada, "button[value=dark]").await;
    see(ada, "html[data-theme=dark]").await;
    see(ada, "#quantity-lamp").await;

    // A restart keeps both carts and the theme.
    drop(shop);
    let shop = Shop::open(&folder);
    assert_eq!(carts(ada, ben, &shop).await, (vec!["lamp".to_owned()], vec!["tea".to_owned()]));
    see(ada, "html[data-theme=dark]").await;
    see(ben, "html[data-theme=system]").await;

    // Signing in replaces the cookie, and keeps all else.
    let before = cookie(ada).await.expect("Ada has a session");
    go(ada, &shop, "/sign-in").await;
    fill(ada, "#name", "Ada").await;
    fill(ada, "#password", "demo").await;
    click(ada, "main form button").await;
    read(ada, "h1", "Hello, Ada").await;
    let id = see(ada, "#session-id").await.text().await.expect("an ID");
    let after = cookie(ada).await.expect("Ada has a session");
    assert_ne!(after, before);
    assert_ne!(after, id, "the page shows the session's name, not what opens it");
    assert_eq!(carts(ada, ben, &shop).await, (vec!["lamp".to_owned()], vec!["tea".to_owned()]));
    see(ada, "html[data-theme=dark]").await;

    // What other sites' pages send is refused, also where the browser sends the cookie along: on another port.
    let forgery = format!(
        "<form method=post action='{}/cart/add'><input name=product value=tea><input name=quantity value=1>\
         <button>Win a prize</button></form>",
        shop.address
    );
    let evil = Site::serve(axum::Router::new().fallback(async || axum::response::Html(forgery))).await;
    for page in [evil.url("/"), evil.url("/").replace("127.0.0.1", "localhost")] {
        ada.goto(&page).await.expect("the page");
        click(ada, "form button").await;
        read(ada, "h1", "Not accepted").await;
    }
    assert_eq!(carts(ada, ben, &shop).await, (vec!["lamp".to_owned()], vec!["tea".to_owned()]));

    // Signing out removes the cookie, and leaves the other browser alone.
    click(ada, "form[action='/sign-out'] button").await;
    read(ada, "h1", "You are signed out").await;
    assert_eq!(cookie(ada).await, None);
    assert_eq!(carts(ada, ben, &shop).await, (vec![], vec!["tea".to_owned()]));
}
