//! Chromium without JavaScript, by way of its WebDriver.

use std::io::{BufRead, BufReader};
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use fantoccini::{Client, ClientBuilder};
use futures_util::FutureExt;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;

use crate::program::folder;

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
pub(super) async fn play(story: impl AsyncFnOnce(&Client, &Client)) {
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
