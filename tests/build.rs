//! Finds the browser that `tests/shop.rs` drives, so that its test is shown as ignored where there is none.

use std::env;
use std::path::PathBuf;

/// The programs, and the variables that tell the test where they are.
const PROGRAMS: [(&str, &str); 2] = [("chromium", "CHROMIUM"), ("chromedriver", "CHROMEDRIVER")];

fn main() {
    println!("cargo::rustc-check-cfg=cfg(has_chromium)");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=CI");
    println!("cargo::rerun-if-env-changed=PATH");

    let mut missing = Vec::new();
    for (program, variable) in PROGRAMS {
        let path = find(program);
        match &path {
            Some(path) => println!("cargo::rerun-if-changed={}", path.display()),
            None => missing.push(program),
        }
        println!("cargo::rustc-env={variable}={}", path.unwrap_or_default().display());
    }
    if missing.is_empty() {
        println!("cargo::rustc-cfg=has_chromium");
    } else if env::var_os("CI").is_some() {
        panic!("not on PATH: {}; apt-get install chromium chromium-driver", missing.join(", "));
    } else {
        // Where they will be once they are installed.
        println!("cargo::rerun-if-changed=/usr/bin");
    }
}

fn find(program: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(program)).find(|path| path.is_file())
}
