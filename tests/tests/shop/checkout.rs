//! The checkout.

use futures_util::future::join_all;

use crate::program::{Shop, folder};
use crate::visitor::Visitor;

const ADDRESS: [(&str, &str); 5] = [
    ("name", "Ada Lovelace"),
    ("email", "ada@example.com"),
    ("street", "12 St James's Square"),
    ("postcode", "SW1Y 4JH"),
    ("city", "London"),
];

#[tokio::test]
async fn what_was_entered_at_the_checkout_is_kept_until_the_order() {
    let folder = folder();
    let shop = Shop::open(&folder);
    let visitor = Visitor::default();
    visitor.add(&shop, "lamp").await;

    let mut wrong = ADDRESS;
    wrong[1].1 = "\"ada\" at home";
    let page = visitor.send(&shop, "/checkout/address", &wrong).await;
    assert_eq!(page.path, "/checkout/address");
    page.shows("id=\"email-error\"");
    page.shows("value=\"&quot;ada&quot; at home\"");
    page.hides("id=\"city-error\"");

    // Whoever leaves finds all of it again, also after a restart.
    visitor.get(&shop, "/").await;
    drop(shop);
    let shop = Shop::open(&folder);
    let page = visitor.get(&shop, "/checkout").await;
    assert_eq!(page.path, "/checkout/address");
    page.shows("value=\"&quot;ada&quot; at home\"");
    page.shows("value=\"London\"");

    let page = visitor.send(&shop, "/checkout/address", &ADDRESS).await;
    assert_eq!(page.path, "/checkout/delivery");
    let page = visitor.send(&shop, "/checkout/delivery", &[("note", "<b>Ring</b> twice")]).await;
    page.shows("id=\"method-error\"");
    page.shows("&lt;b&gt;Ring&lt;/b&gt; twice</textarea>");
    let page = visitor.send(&shop, "/checkout/delivery", &[("method", "express"), ("note", "<b>Ring</b> twice")]).await;
    assert_eq!(page.path, "/checkout/review");
    page.shows("€101.90");

    visitor.get(&shop, "/checkout/address").await.shows("value=\"London\"");
    assert_eq!(visitor.get(&shop, "/checkout").await.path, "/checkout/review");

    // However often the button is pressed, there is one order.
    let pages = join_all((0..4).map(|_| visitor.send(&shop, "/checkout/review", &[]))).await;
    let receipts: Vec<_> = pages.iter().filter(|page| page.path == "/orders/1").collect();
    assert_eq!(receipts.len(), 1);
    receipts[0].shows("€101.90");
    let account = visitor.get(&shop, "/account").await;
    account.shows("/orders/1");
    account.hides("/orders/2");
    visitor.get(&shop, "/cart").await.shows("nothing in it");
    assert_eq!(visitor.get(&shop, "/checkout").await.path, "/cart");
    Visitor::default().get(&shop, "/orders/1").await.shows("Not found");
}
