//! The cart, and visitors who have none.

use futures_util::future::join_all;

use crate::program::{Shop, folder};
use crate::visitor::Visitor;

#[tokio::test]
async fn who_only_looks_around_gets_no_cookie() {
    let folder = folder();
    let shop = Shop::open(&folder);
    let visitor = Visitor::default();
    for path in
        ["/", "/products/lamp", "/cart", "/checkout", "/account", "/sign-in", "/signed-out", "/style.css", "/nope"]
    {
        let page = visitor.get(&shop, path).await;
        assert_eq!(page.set_cookie, None, "{path}");
    }
    let failed = visitor.send(&shop, "/sign-in", &[("name", "Ada"), ("password", "wrong")]).await;
    failed.shows("That is not the password");
    assert_eq!(failed.set_cookie, None);
    visitor.get(&shop, "/account").await.shows("You have no session");
}

#[tokio::test]
async fn the_cart_survives_a_restart() {
    let folder = folder();
    let shop = Shop::open(&folder);
    let visitor = Visitor::default();
    visitor.add(&shop, "lamp").await;
    visitor.add(&shop, "tea").await;
    visitor.send(&shop, "/cart/change", &[("product", "tea"), ("quantity", "3")]).await;
    visitor.add(&shop, "pen").await;
    let page = visitor.send(&shop, "/cart/remove", &[("product", "pen")]).await;
    // 89.00 + 3 × 9.75
    page.shows("€118.25");

    drop(shop);
    let shop = Shop::open(&folder);
    let page = visitor.get(&shop, "/cart").await;
    assert_eq!(["lamp", "tea", "pen"].map(|product| page.quantity(product)), [1, 3, 0]);
    page.shows("€118.25");
    assert_eq!(Visitor::default().get(&shop, "/cart").await.quantity("lamp"), 0, "another visitor has another cart");
}

#[tokio::test]
async fn additions_at_the_same_time_are_all_kept() {
    let folder = folder();
    let shop = Shop::open(&folder);
    let visitor = Visitor::default();
    visitor.add(&shop, "tea").await;
    join_all((0..9).map(|_| visitor.add(&shop, "tea"))).await;
    assert_eq!(visitor.get(&shop, "/cart").await.quantity("tea"), 10);
}

#[tokio::test]
async fn a_message_is_shown_once() {
    let folder = folder();
    let shop = Shop::open(&folder);
    let visitor = Visitor::default();
    visitor.add(&shop, "tea").await.shows("Tin of tea is in your cart.");
    visitor.get(&shop, "/cart").await.hides("is in your cart.");
}

#[tokio::test]
async fn the_theme_is_kept_and_leads_nowhere_else() {
    let folder = folder();
    let shop = Shop::open(&folder);
    let visitor = Visitor::default();
    let page = visitor.send(&shop, "/theme", &[("theme", "dark"), ("back", "/products/lamp")]).await;
    assert_eq!(page.path, "/products/lamp");
    page.shows("data-theme=\"dark\"");
    for elsewhere in ["//example.com", "https://example.com", "/\\example.com", "/\t/example.com", ""] {
        let page = visitor.send(&shop, "/theme", &[("theme", "light"), ("back", elsewhere)]).await;
        assert_eq!(page.path, "/", "{elsewhere:?}");
    }
}
