//! The demo shop as its users meet it: a program that is started, visited over HTTP and with a browser, and
//! restarted.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use tempfile::TempDir;

/// How long anything here may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(20);

/// The shop's program. Built in the workspace's root, where it has the features that it has in `cargo test`: most
/// often there is nothing left to build.
static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let built = Command::new(env!("CARGO"))
        .args(["build", "--example", "shop", "--message-format", "json-render-diagnostics"])
        .current_dir(root)
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo runs");
    assert!(built.status.success(), "the shop does not build");
    let messages = built.stdout.lines().map(|line| serde_json::from_str(&line.expect("text")).expect("JSON"));
    let executable = |message: serde_json::Value| match &message["target"]["name"] {
        name if name == "shop" => Some(message["executable"].as_str()?.into()),
        _ => None,
    };
    messages.filter_map(executable).next().expect("cargo names the program")
});

/// A shop that is open until this is dropped, however the test ends.
struct Shop {
    process: Child,
    address: String,
}

impl Shop {
    fn open(folder: &TempDir) -> Self {
        let mut process = command(0, &folder.path().join("shop.db"))
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the shop starts");
        let mut lines = BufReader::new(process.stdout.take().expect("it is piped")).lines().map_while(Result::ok);
        let address = lines.find_map(|line| Some(line[line.find("http://")?..].trim().to_owned()));
        let shop = Self { process, address: address.unwrap_or_default() };
        assert!(shop.address.starts_with("http://127.0.0.1:"), "the shop must print its address");
        shop
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        // Fails only if it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn command(port: u16, db: &Path) -> Command {
    let mut command = Command::new(&*PROGRAM);
    command.arg("--port").arg(port.to_string()).arg("--db").arg(db).stdin(Stdio::null());
    command
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// Somebody with a cookie jar, who fills in forms.
#[derive(Default)]
struct Visitor {
    cookie: Mutex<Option<String>>,
    /// What the forms of the last page carried, to show that they come from the shop.
    token: Mutex<Option<String>>,
}

/// What a visitor sees.
struct Page {
    path: String,
    body: String,
    /// The `Set-Cookie` of the answer to the form, or else of the page.
    set_cookie: Option<String>,
}

impl Visitor {
    fn with_cookie(cookie: Option<String>) -> Self {
        Self { cookie: Mutex::new(cookie), ..Self::default() }
    }

    fn cookie(&self) -> Option<String> {
        self.cookie.lock().expect("no panic").clone()
    }

    /// Goes to a page, and on to where it redirects.
    async fn get(&self, shop: &Shop, path: &str) -> Page {
        let http = client();
        let answer = self.request(http.get(format!("{}{path}", shop.address))).await;
        self.follow(shop, path, answer).await
    }

    /// Sends a form, and goes to the page that the answer redirects to.
    async fn send(&self, shop: &Shop, path: &str, form: &[(&str, &str)]) -> Page {
        let answer = self.request(self.form(shop, path, form)).await;
        assert_eq!(answer.status(), 303, "the answer to the form at {path} must be a redirect");
        self.follow(shop, path, answer).await
    }

    /// A form as the last page had it.
    fn form(&self, shop: &Shop, path: &str, form: &[(&str, &str)]) -> reqwest::RequestBuilder {
        let token = self.token.lock().expect("no panic").clone();
        let form: Vec<_> = token.iter().map(|token| ("csrf_token", &**token)).chain(form.iter().copied()).collect();
        client().post(format!("{}{path}", shop.address)).form(&form)
    }

    async fn add(&self, shop: &Shop, product: &str) -> Page {
        self.send(shop, "/cart/add", &[("product", product), ("quantity", "1")]).await
    }

    async fn sign_in(&self, shop: &Shop, form: &[(&str, &str)]) -> Page {
        let form: Vec<_> =
            [("name", "Ada <b>"), ("password", "demo")].into_iter().chain(form.iter().copied()).collect();
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

    async fn request(&self, request: reqwest::RequestBuilder) -> reqwest::Response {
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
    fn shows(&self, text: &str) {
        assert!(self.body.contains(text), "{} must show {text:?}:\n{}", self.path, self.body);
    }

    #[track_caller]
    fn hides(&self, text: &str) {
        assert!(!self.body.contains(text), "{} must not show {text:?}:\n{}", self.path, self.body);
    }

    /// What its forms carry.
    fn token(&self) -> Option<&str> {
        self.body.split_once("name=\"csrf_token\" value=\"")?.1.split('"').next()
    }

    /// How many of the product are in the cart that this page shows.
    fn quantity(&self, product: &str) -> u32 {
        let Some((_, field)) = self.body.split_once(&format!("id=\"quantity-{product}\"")) else { return 0 };
        let value = field.split("value=\"").nth(1).and_then(|rest| rest.split('"').next());
        value.and_then(|value| value.parse().ok()).expect("a number")
    }
}

const ADDRESS: [(&str, &str); 5] = [
    ("name", "Ada Lovelace"),
    ("email", "ada@example.com"),
    ("street", "12 St James's Square"),
    ("postcode", "SW1Y 4JH"),
    ("city", "London"),
];

fn run_to_its_end(mut command: Command) -> Output {
    command.output().expect("the shop starts")
}

#[track_caller]
fn assert_one_line_error(output: &Output, parts: &[&str]) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert_eq!(text.trim_end().lines().count(), 1, "{text}");
    assert!(parts.iter().all(|part| text.contains(part)), "{text} must contain {parts:?}");
    assert!(output.stdout.is_empty(), "nothing was opened, so nothing must be announced");
}

#[test]
fn a_taken_port_is_an_error_of_one_line() {
    let taken = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = taken.local_addr().expect("a port").port();
    let folder = folder();
    let output = run_to_its_end(command(port, &folder.path().join("shop.db")));
    assert_one_line_error(&output, &[&port.to_string(), "in use"]);
}

#[test]
fn a_database_that_cannot_be_written_is_an_error_of_one_line() {
    let folder = folder();
    let nonsense = folder.path().join("nonsense.db");
    std::fs::write(&nonsense, "not a database, whatever its name says".repeat(100)).expect("written");
    for db in [folder.path().to_owned(), folder.path().join("missing/shop.db"), nonsense] {
        let output = run_to_its_end(command(0, &db));
        assert_one_line_error(&output, &[&db.display().to_string()]);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_closes_the_shop() {
    let folder = folder();
    let mut shop = Shop::open(&folder);
    // Once it answers, it listens for ctrl-c too.
    Visitor::default().add(&shop, "tea").await;
    let id = shop.process.id().to_string();
    let sent = Command::new("kill").args(["-INT", &id]).status().expect("kill runs");
    assert!(sent.success());
    let status = wait_for("the shop to end", || shop.process.try_wait().expect("our child"));
    assert_eq!(status.code(), Some(0));
    assert!(!folder.path().join("shop.db-wal").exists(), "the database must be closed");
}

fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < LIMIT, "waited too long for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

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

/// Only the shop's own forms change anything, and each page's forms are its own.
#[tokio::test]
async fn forms_of_other_sites_are_refused() {
    let folder = folder();
    let shop = Shop::open(&folder);
    let ada = Visitor::default();
    ada.sign_in(&shop, &[]).await;
    ada.add(&shop, "lamp").await;
    for path in ["/", "/products/lamp", "/cart", "/checkout/address", "/sign-in", "/account", "/signed-out", "/nope"] {
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

#[tokio::test]
#[cfg_attr(not(has_chromium), ignore = "needs Chromium: apt-get install chromium chromium-driver")]
async fn two_browsers_visit_the_shop() {
    browser::visit().await;
}

/// Chromium without JavaScript, by way of its WebDriver.
mod browser {
    use std::panic::{AssertUnwindSafe, resume_unwind};

    use fantoccini::{Client, ClientBuilder, Locator};
    use futures_util::FutureExt;
    use hyper_util::client::legacy::connect::HttpConnector;
    use serde_json::json;
    use session_tests::Site;

    use super::*;

    /// Ends when this is dropped; the browsers must have been closed by then.
    struct Driver {
        process: Child,
        address: String,
    }

    impl Driver {
        fn start() -> Self {
            let mut process = Command::new(env!("CHROMEDRIVER"))
                .arg("--port=0")
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .spawn()
                .expect("chromedriver starts");
            let mut lines = BufReader::new(process.stdout.take().expect("it is piped")).lines().map_while(Result::ok);
            let port = lines.find_map(|line| Some(line.split_once("started successfully on port ")?.1.to_owned()));
            // It may go on writing, and must not find its output closed.
            std::thread::spawn(move || lines.for_each(drop));
            let mut driver = Self { process, address: String::new() };
            let port = port.expect("chromedriver prints its port");
            driver.address = format!("http://127.0.0.1:{}", port.trim_end_matches('.'));
            driver
        }

        async fn browser(&self, profile: &Path) -> Client {
            let arguments = [
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                &format!("--user-data-dir={}", profile.display()),
            ];
            let options = json!({
                "args": arguments,
                "binary": env!("CHROMIUM"),
                "prefs": { "profile.managed_default_content_settings.javascript": 2 },
            });
            let capabilities = [("goog:chromeOptions".to_owned(), options)].into_iter().collect();
            ClientBuilder::new(HttpConnector::new())
                .capabilities(capabilities)
                .connect(&self.address)
                .await
                .expect("a browser")
        }
    }

    impl Drop for Driver {
        fn drop(&mut self) {
            let _ = self.process.kill();
            let _ = self.process.wait();
        }
    }

    /// Opens two browsers, and closes them however the story ends: they would outlive the driver.
    pub(super) async fn visit() {
        let driver = Driver::start();
        let profiles = [folder(), folder()];
        let ada = driver.browser(profiles[0].path()).await;
        let ben = driver.browser(profiles[1].path()).await;
        let end = AssertUnwindSafe(story(&ada, &ben)).catch_unwind().await;
        for browser in [ada, ben] {
            let _ = browser.close().await;
        }
        end.unwrap_or_else(|panic| resume_unwind(panic));
    }

    async fn story(ada: &Client, ben: &Client) {
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
        assert_eq!(
            carts(ada, ben, &shop).await,
            (["lamp"].map(String::from).to_vec(), ["tea"].map(String::from).to_vec())
        );

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

    async fn go(browser: &Client, shop: &Shop, path: &str) {
        browser.goto(&format!("{}{path}", shop.address)).await.expect("the page");
    }

    /// Waits for the element.
    async fn see(browser: &Client, css: &str) -> fantoccini::elements::Element {
        let wait = browser.wait().at_most(LIMIT).every(Duration::from_millis(20));
        match wait.for_element(Locator::Css(css)).await {
            Ok(element) => element,
            Err(error) => panic!("no {css} on {:?}: {error}", browser.current_url().await),
        }
    }

    async fn click(browser: &Client, css: &str) {
        see(browser, css).await.click().await.expect("a click");
    }

    async fn fill(browser: &Client, css: &str, text: &str) {
        see(browser, css).await.send_keys(text).await.expect("typing");
    }

    /// Waits until the element has this text: until then it may be the page's before.
    async fn read(browser: &Client, css: &str, text: &str) {
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
    async fn carts(ada: &Client, ben: &Client, shop: &Shop) -> (Vec<String>, Vec<String>) {
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
    async fn cookie(browser: &Client) -> Option<String> {
        let cookies = browser.get_all_cookies().await.expect("a list");
        let ours = cookies.iter().find(|cookie| cookie.name() == "shop-session")?;
        assert_eq!(ours.http_only(), Some(true));
        Some(ours.value().to_owned())
    }
}
