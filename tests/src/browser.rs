//! A strict browser: it visits a site as if that were behind a proxy that ends TLS, and panics at a cookie that it must refuse.

use std::sync::{Arc, Mutex};

use reqwest::header::{COOKIE, HeaderMap, SET_COOKIE};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use session_runtime::Token;
use url::Url;

use crate::jar::Jar;

/// Where the site is, as far as browsers know.
const ADDRESS: &str = "https://shop.example.com";

/// A browser with a jar of its own. Clones are the same browser.
#[derive(Clone, Debug)]
pub struct Browser {
    /// Where the site really is.
    server: String,
    site: Url,
    client: Client,
    jar: Arc<Mutex<Jar>>,
    tokens: Tokens,
}

/// All tokens that browsers were ever sent.
#[derive(Clone, Debug, Default)]
pub struct Tokens(Arc<Mutex<Vec<Token>>>);

/// What a browser was answered.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// All headers.
    pub headers: HeaderMap,
    /// The body.
    pub text: String,
}

impl Tokens {
    /// Those that there were so far.
    pub fn all(&self) -> Vec<Token> {
        self.0.lock().unwrap().clone()
    }

    /// Notes one more.
    pub fn note(&self, token: Token) {
        self.0.lock().unwrap().push(token);
    }
}

impl Browser {
    /// One with an empty jar. It notes the tokens that it gets. Browsers may share a client: it keeps no cookies.
    pub fn new(client: &Client, server: &str, tokens: &Tokens) -> Self {
        Self {
            server: server.to_owned(),
            site: ADDRESS.parse().unwrap(),
            client: client.clone(),
            jar: Arc::default(),
            tokens: tokens.clone(),
        }
    }

    /// One that finds the site at another address: at `http://…`, or at another host.
    pub fn at(self, site: &str) -> Self {
        Self { site: site.parse().unwrap(), ..self }
    }

    /// Another browser, into which somebody has copied this one's jar.
    pub fn stolen(&self) -> Self {
        Self { jar: Arc::new(Mutex::new(self.jar.lock().unwrap().clone())), ..self.clone() }
    }

    /// Puts a cookie into its jar, as somebody can who has the machine for a moment, or another page of the same site.
    pub fn plant(&self, set_cookie: &str) {
        token(set_cookie).into_iter().for_each(|token| self.tokens.note(token));
        self.jar.lock().unwrap().receive(&[set_cookie.to_owned()], &self.site).unwrap();
    }

    /// Asks for a page.
    ///
    /// # Panics
    /// At a cookie that a browser must refuse, with why.
    pub async fn get(&self, path: &str) -> Answer {
        self.try_send(Method::GET, path, "").await.unwrap_or_else(|refused| panic!("{path}: {refused}"))
    }

    /// Sends this.
    ///
    /// # Panics
    /// At a cookie that a browser must refuse, with why.
    pub async fn post(&self, path: &str, body: &str) -> Answer {
        self.try_send(Method::POST, path, body).await.unwrap_or_else(|refused| panic!("{path}: {refused}"))
    }

    /// Sends this.
    ///
    /// # Errors
    /// Why a cookie was refused.
    pub async fn try_send(&self, method: Method, path: &str, body: &str) -> Result<Answer, String> {
        let page = self.site.join(path).unwrap();
        let mut request = self.client.request(method, format!("{}{}", self.server, page.path())).body(body.to_owned());
        if let Some(cookies) = self.jar.lock().unwrap().header(&page) {
            request = request.header(COOKIE, cookies);
        }
        let answer = Answer::of(request).await;
        answer.set_cookies().iter().filter_map(|cookie| token(cookie)).for_each(|token| self.tokens.note(token));
        self.jar.lock().unwrap().receive(&answer.set_cookies(), &page)?;
        Ok(answer)
    }

    /// The token among its cookies.
    pub fn token(&self) -> Option<Token> {
        let cookies = self.jar.lock().unwrap().header(&self.site)?;
        cookies.split("; ").find_map(token)
    }

    /// Whether its jar is empty.
    pub fn has_no_cookie(&self) -> bool {
        self.jar.lock().unwrap().is_empty()
    }
}

/// The token in a cookie.
fn token(cookie: &str) -> Option<Token> {
    let (_, value) = cookie.split(';').next()?.split_once('=')?;
    value.parse().ok()
}

impl Answer {
    /// The answer to a request, whoever made it.
    ///
    /// # Panics
    /// When there is none.
    pub async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        Self { status, headers, text: response.text().await.expect("a body") }
    }

    /// The values of `Set-Cookie`.
    pub fn set_cookies(&self) -> Vec<String> {
        self.all(SET_COOKIE.as_str())
    }

    /// The values of a header.
    pub fn all(&self, name: &str) -> Vec<String> {
        self.headers.get_all(name).iter().map(|value| value.to_str().unwrap().to_owned()).collect()
    }
}
