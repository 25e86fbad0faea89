//! The least of an HTTP client: one connection, one request at a time.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::workload::{Visitor, Workload};

/// A connection to an application.
pub struct Client(BufReader<TcpStream>);

impl Client {
    /// Connects.
    pub fn to(address: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Makes one request, and checks the answer.
    pub fn ask(&mut self, asked: Workload, keeps: bool, visitor: &mut Visitor) {
        let mut text = format!("{} {} HTTP/1.1\r\nHost: 127.0.0.1\r\n", asked.method(), asked.path());
        if !asked.is_of_a_stranger() {
            text += &format!("Cookie: {}\r\n", visitor.cookie.to_str().expect("a cookie in ASCII"));
        }
        self.0.get_mut().write_all(format!("{text}\r\n").as_bytes()).expect("an open connection");
        let (status, headers) = self.head();
        let length = headers.get("content-length").and_then(|length| length.to_str().ok()?.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        self.0.read_exact(&mut body).expect("a body");
        visitor.check(asked, keeps, status, &headers, &body);
    }

    fn head(&mut self) -> (StatusCode, HeaderMap) {
        let first = self.line();
        let status = first.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
        let mut headers = HeaderMap::new();
        loop {
            let line = self.line();
            let Some((name, value)) = line.split_once(": ") else { return (status, headers) };
            let name: HeaderName = name.parse().expect("the name of a header");
            headers.append(name, HeaderValue::from_str(value).expect("the value of a header"));
        }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).expect("an answer");
        line.trim_end().to_owned()
    }
}
