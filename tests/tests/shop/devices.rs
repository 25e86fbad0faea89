//! Where a visitor is signed in.

use crate::program::{Shop, folder};
use crate::visitor::{Page, Visitor};

impl Page {
    /// The sessions that the page offers to sign out.
    fn others(&self) -> Vec<String> {
        let fields = self.body.split("name=\"session\" value=\"").skip(1);
        fields.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
    }
}

#[tokio::test]
async fn only_who_is_signed_in_is_shown_where() {
    let folder = folder();
    let shop = Shop::open(&folder);
    let visitor = Visitor::default();
    visitor.add(&shop, "tea").await;
    assert_eq!(visitor.get(&shop, "/devices").await.path, "/sign-in");
    assert_eq!(visitor.send(&shop, "/devices/sign-out-others", &[]).await.path, "/sign-in");
}

#[tokio::test]
async fn one_sign_in_is_ended_or_all_others() {
    let folder = folder();
    let shop = Shop::open(&folder);
    let devices: [Visitor; 4] = Default::default();
    for device in &devices {
        device.sign_in(&shop, &[]).await;
    }
    let [own, one, two, three] = &devices;
    let page = own.get(&shop, "/devices").await;
    page.shows("This device");
    page.shows("An unknown device");
    assert_eq!(page.others().len(), 3);
    let last = page.others().remove(0);
    let page = own.send(&shop, "/devices/sign-out", &[("session", &last)]).await;
    page.shows("That device is signed out.");
    assert_eq!(page.others().len(), 2);
    let mut signed_in = 0;
    for device in [one, two, three] {
        signed_in += usize::from(device.get(&shop, "/account").await.body.contains("Hello, Ada"));
    }
    assert_eq!(signed_in, 2);
    let page = own.send(&shop, "/devices/sign-out-others", &[]).await;
    page.shows("You are signed out everywhere else.");
    page.hides("Sign out everywhere else");
    assert!(page.others().is_empty());
    for device in [one, two, three] {
        device.get(&shop, "/account").await.shows("You are not signed in");
    }
    own.get(&shop, "/account").await.shows("Hello, Ada");
}

#[tokio::test]
async fn nobody_signs_out_somebody_else() {
    let folder = folder();
    let shop = Shop::open(&folder);
    let (ada, ben) = (Visitor::default(), Visitor::default());
    ada.sign_in(&shop, &[]).await;
    ben.sign_in_as(&shop, "Ben", &[]).await;
    let page = ada.get(&shop, "/account").await;
    let id = page.body.split("id=\"session-id\">").nth(1).and_then(|rest| rest.split('<').next()).expect("an ID");
    ben.send(&shop, "/devices/sign-out", &[("session", id)]).await.hides("That device is signed out.");
    ada.get(&shop, "/account").await.shows("Hello, Ada");
    ben.get(&shop, "/devices").await.hides(id);
}
