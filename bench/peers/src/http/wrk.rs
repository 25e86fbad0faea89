//! Load, made by wrk on the second processor.

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use crate::workload::{Visitor, Workload};

/// How many connections are kept open.
const CONNECTIONS: usize = 32;

/// What wrk saw.
#[derive(Clone, Copy)]
pub struct Seen {
    /// Requests that were answered.
    pub requests: f64,
    /// The same, in a second.
    pub per_second: f64,
    /// Half of the answers took no longer, in microseconds.
    pub p50: f64,
    /// 99 of 100 took no longer.
    pub p99: f64,
    /// Answers with another status than success, and connections that broke or waited for two seconds.
    pub failures: f64,
}

/// Makes requests of one kind for some seconds. These visitors make them, by turns.
pub fn load(address: SocketAddr, asked: Workload, visitors: &[Visitor], seconds: u32, script: &Path) -> Seen {
    fs::write(script, lua(asked, visitors)).expect("a file for wrk");
    let output = Command::new("taskset")
        .args(["-c", "1", "wrk", "--latency", "-t1"])
        .args([format!("-c{CONNECTIONS}"), format!("-d{seconds}s")])
        .arg("-s")
        .arg(script)
        .arg(format!("http://{address}{}", asked.path()))
        .output()
        .expect("wrk, and taskset");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    seen(&said).unwrap_or_else(|| panic!("not what wrk says: {said}"))
}

fn seen(said: &str) -> Option<Seen> {
    let after = |what: &str| said.lines().find_map(|line| line.trim().strip_prefix(what)).map(str::trim);
    let requests = said.lines().find_map(|line| line.split_once(" requests in "))?.0;
    Some(Seen {
        requests: requests.trim().parse().ok()?,
        per_second: after("Requests/sec:")?.parse().ok()?,
        p50: microseconds(after("50%")?)?,
        p99: microseconds(after("99%")?)?,
        failures: ["Non-2xx or 3xx responses:", "Socket errors:"].into_iter().filter_map(after).map(sum).sum(),
    })
}

/// All numbers of a line together.
fn sum(line: &str) -> f64 {
    line.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse::<f64>().ok()).sum()
}

/// A duration as wrk writes it: `1.23ms`.
fn microseconds(text: &str) -> Option<f64> {
    let units = [("us", 1.0), ("ms", 1e3), ("s", 1e6)];
    units.iter().find_map(|(unit, size)| Some(text.strip_suffix(unit)?.parse::<f64>().ok()? * size))
}

/// The script that has these visitors make the requests.
fn lua(asked: Workload, visitors: &[Visitor]) -> String {
    let mut lua = format!("wrk.method = \"{}\"\n", asked.method());
    if asked.is_of_a_stranger() {
        return lua;
    }
    let cookie = |visitor: &Visitor| visitor.cookie.to_str().expect("a cookie in ASCII").to_owned();
    if let [one] = visitors {
        writeln!(lua, "wrk.headers[\"Cookie\"] = [[{}]]", cookie(one)).expect("memory to write in");
        return lua;
    }
    lua += "local cookies = {\n";
    for visitor in visitors {
        writeln!(lua, "[[{}]],", cookie(visitor)).expect("memory to write in");
    }
    lua += "}\n";
    lua += if asked == Workload::Login { NEW_COOKIES } else { BY_TURNS };
    lua
}

/// The requests are written once; then each is sent in its turn.
const BY_TURNS: &str = r#"
local requests, at = {}, 0
function init()
    for i, cookie in ipairs(cookies) do
        wrk.headers["Cookie"] = cookie
        requests[i] = wrk.format()
    end
end
function request()
    at = at % #requests + 1
    return requests[at]
end
"#;

/// Each answer has a new cookie, for the next request of that session. A cookie that is taken out of the line has no request
/// beside its own.
const NEW_COOKIES: &str = r#"
local first, last = 1, #cookies
function request()
    wrk.headers["Cookie"] = cookies[first]
    cookies[first] = nil
    first = first + 1
    return wrk.format()
end
function response(status, headers)
    for name, value in pairs(headers) do
        if name:lower() == "set-cookie" then
            last = last + 1
            cookies[last] = value:match("^[^;]*")
        end
    end
end
"#;
