//! Only the shop's own forms change anything.

use crate::program::{Shop, folder};
use crate::visitor::Visitor;

/// Each page's forms are its own.
#[tokio::test]
async fn forms_of_other_sites_are_refused() {
    let folder = folder();
    let shop = Shop::open(&folder);
    let (ada, phone) = (Visitor::default(), Visitor::default());
    ada.sign_in(&shop, &[]).await;
    phone.sign_in(&shop, &[]).await;
    ada.add(&shop, "lamp").await;
    let pages = [
        "/",
        "/products/lamp",
        "/cart",
        "/checkout/address",
        "/sign-in",
        "/account",
        "/devices",
        "/signed-out",
        "/nope",
    ];
    for path in pages {
        let body = ada.get(&shop, path).await.body;
        let forms = body.matches("method=\"post\"").count();
        assert_eq!(body.matches("name=\"csrf_token\"").count(), forms, "{path}: {body}");
        assert!(forms > 0 || path == "/nope", "{path}");
    }

    let tea = [("product", "tea"), ("quantity", "1")];
    let token = ada.token.lock().expect("no panic").clone();
    let forged = ada.form(&shop, "/cart/add", &tea).header("sec-fetch-site", "cross-site");
    let theirs = Visitor::default();
    theirs.add(&shop, "pen").await;
    let foreign = theirs.form(&shop, "/cart/add", &tea);
    *ada.token.lock().expect("no panic") = None;
    let without = ada.form(&shop, "/cart/add", &tea);
    for form in [forged, foreign, without] {
        let answer = ada.request(form).await;
        assert_eq!(answer.status(), 403);
        assert!(answer.text().await.expect("a page").contains("load the page again"));
    }
    *ada.token.lock().expect("no panic") = token;
    assert_eq!(ada.get(&shop, "/cart").await.quantity("tea"), 0);
    assert_eq!(ada.add(&shop, "tea").await.quantity("tea"), 1);
}
