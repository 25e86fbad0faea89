//! Somebody who visits the shop without a browser.

use std::sync::Mutex;

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;

use crate::LIMIT;
use crate::program::Shop;

/// Somebody with a cookie jar, who fills in forms.
#[derive(Default)]
pub(crate) struct Visitor {
    cookie: Mutex<Option<String>>,
    /// What the forms of the last page carried, to show that they come from the shop.
    pub(crate) token: Mutex<Option<String>>,
}

/// What a visitor sees.
pub(crate) struct Page {
    pub(crate) path: String,
    pub(crate) body: String,
    /// The `Set-Cookie` of the answer to the form, or else of the page.
    pub(crate) set_cookie: Option<String>,
}

impl Visitor {
    pub(crate) fn with_cookie(cookie: Option<String>) -> Self {
        Self { cookie: Mutex::new(cookie), ..Self::default() }
    }

    pub(crate) fn cookie(&self) -> Option<String> {
        self.cookie.lock().expect("no panic").clone()
    }

    /// Goes to a page, and on to where it redirects.
    pub(crate) async fn get(&self, shop: &Shop, path: &str) -> Page {
        let http = client();
        let answer = self.request(http.get(format!("{}{path}", shop.address))).await;
        self.follow(shop, path, answer).await
    }

    /// Sends a form, and goes to the page that the answer redirects to.
    pub(crate) async fn send(&self, shop: &Shop, path: &str, form: &[(&str, &str)]) -> Page {
        let answer = self.request(self.form(shop, path, form)).await;
        assert_eq!(answer.status(), 303, "the answer to the form at {path} must be a redirect");
        self.follow(shop, path, answer).await
    }

    /// A form as the last page had it.
    pub(crate) fn form(&self, shop: &Shop, path: &str, form: &[(&str, &str)]) -> reqwest::RequestBuilder {
        let token = self.token.lock().expect("no panic").clone();
        let form: Vec<_> = token.iter().map(|token| ("csrf_token", &**token)).chain(form.iter().copied()).collect();
        client().post(format!("{}{path}", shop.address)).form(&form)
    }

    pub(crate) async fn add(&self, shop: &Shop, product: &str) -> Page {
        self.send(shop, "/cart/add", &[("product", product), ("quantity", "1")]).await
    }

    pub(crate) async fn sign_in(&self, shop: &Shop, form: &[(&str, &str)]) -> Page {
        self.sign_in_as(shop, "Ada <b>", form).await
    }

    pub(crate) async fn sign_in_as(&self, shop: &Shop, name: &str, form: &[(&str, &str)]) -> Page {
        let form: Vec<_> = [("name", name), ("password", "demo")].into_iter().chain(form.iter().copied()).collect();
        self.send(shop, "/sign-in", &form).await
    }

    async fn follow(&self, shop: &Shop, path: &str, first: reqwest::Response) -> Page {
        let (mut path, mut answer) = (path.to_owned(), first);
        let set_cookie = header(&answer, SET_COOKIE);
        while let Some(location) = header(&answer, LOCATION) {
            answer = self.request(client().get(format!("{}{location}", shop.address))).await;
            path = location;
        }
        let page = Page { path, set_cookie, body: answer.text().await.expect("a body") };
        if let Some(token) = page.token() {
            *self.token.lock().expect("no panic") = Some(token.to_owned());
        }
        page
    }

    pub(crate) async fn request(&self, request: reqwest::RequestBuilder) -> reqwest::Response {
        let request = match self.cookie() {
            Some(cookie) => request.header(COOKIE, format!("shop-session={cookie}")),
            None => request,
        };
        let answer = request.timeout(LIMIT).send().await.expect("an answer");
        if let Some(set) = header(&answer, SET_COOKIE) {
            let value = set.strip_prefix("shop-session=").and_then(|rest| rest.split(';').next()).expect("our cookie");
            *self.cookie.lock().expect("no panic") = (!value.is_empty()).then(|| value.to_owned());
        }
        answer
    }
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().redirect(Policy::none()).build().expect("a client")
}

fn header(answer: &reqwest::Response, name: reqwest::header::HeaderName) -> Option<String> {
    answer.headers().get(name).map(|value| value.to_str().expect("text").to_owned())
}

impl Page {
    #[track_caller]
    pub(crate) fn shows(&self, text: &str) {
        assert!(self.body.contains(text), "{} must show {text:?}:\n{}", self.path, self.body);
    }

    #[track_caller]
    pub(crate) fn hides(&self, text: &str) {
        assert!(!self.body.contains(text), "{} must not show {text:?}:\n{}", self.path, self.body);
    }

    /// What its forms carry.
    fn token(&self) -> Option<&str> {
        self.body.split_once("name=\"csrf_token\" value=\"")?.1.split('"').next()
    }

    /// How many of the product are in the cart that this page shows.
    pub(crate) fn quantity(&self, product: &str) -> u32 {
        let Some((_, field)) = self.body.split_once(&format!("id=\"quantity-{product}\"")) else { return 0 };
        let value = field.split("value=\"").nth(1).and_then(|rest| rest.split('"').next());
        value.and_then(|value| value.parse().ok()).expect("a number")
    }
}
