use session_runtime::{IndexField, SessionData};

#[derive(SessionData)]
#[session(crate = session_runtime, prefix = "shop")]
struct Shop {
    #[session(ttl = "15m", lazy)]
    checkout: Option<String>,
    #[session(index, rotate)]
    #[session(rename = "customer", alias = "user", alias = "visitor")]
    user: Option<u64>,
    #[session(default)]
    count: u8,
    #[session(default = 3)]
    tries: u8,
    #[session(default = [1, 2].map(|x| x + 1))]
    pair: [u8; 2],
    #[session(default = Self::limit())]
    limit: u8,
}

impl Shop {
    fn limit() -> u8 {
        7
    }
}

fn main() {
    assert_eq!(Shop::USER.key(), "shop.customer");
    let _: IndexField<Shop, u64> = Shop::USER;
}
