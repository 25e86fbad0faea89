use session_runtime::SessionData;

#[derive(SessionData)]
struct Shop {
    #[session(ttl = "30s")]
    a: Option<u8>,
    #[session(ttl = "1h 30m")]
    b: Option<u8>,
    #[session(ttl = "2 weeks")]
    c: Option<u8>,
}

fn main() {}
