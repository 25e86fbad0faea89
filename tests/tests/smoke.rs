use serde::{Deserialize, Serialize};
use session_runtime::{MemoryStore, SessionData, SessionManager};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
enum Theme {
    #[default]
    Light,
    Dark,
}

#[derive(SessionData, Debug)]
pub struct Shop {
    /// The signed-in customer.
    #[session(rotate)]
    user: Option<u64>,
    cart: Vec<String>,
    #[session(ttl = "15m")]
    checkout: Option<String>,
    #[session(default = Theme::Dark)]
    theme: Theme,
    #[session(lazy, rename = "hist", alias = "old")]
    history: Vec<u32>,
}

#[tokio::test]
async fn smoke() {
    let m = SessionManager::<Shop>::new(MemoryStore::new());
    let s = m.start();
    assert_eq!(s.cart().await.unwrap(), Vec::<String>::new());
    s.set_cart(vec!["a".into()]).await.unwrap();
    s.update_cart(|c| c.push("b".into())).await.unwrap();
    let t = s.token().unwrap();
    let o = m.open(&t).await.unwrap().unwrap();
    assert_eq!(o.cart().await.unwrap(), vec!["a", "b"]);
    assert_eq!(o.theme().await.unwrap(), Theme::Dark);
    o.set_user(3).await.unwrap();
    assert!(m.open(&t).await.unwrap().is_none());
    assert_eq!(o.take_user().await.unwrap(), Some(3));
    println!("{:?} {:?}", o.snapshot().await.unwrap(), o.keys().await.unwrap());
}
