use session_runtime::SessionData;

mod sessions {
    pub use session_runtime::*;
}

#[derive(SessionData)]
#[session(crate = crate::sesions, prefix = "shop")]
struct Shop {
    #[session(index, rotate)]
    user: Option<u64>,
    #[session(ttl = "1h", lazy, alias = "basket")]
    cart: Vec<String>,
    #[session(default = 3, codec = "json", on_mismatch = "default")]
    count: u8,
}

fn main() {}
