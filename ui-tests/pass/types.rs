use session_runtime::SessionData;

use std::borrow::Cow;
use std::sync::Arc;

#[derive(Default, serde::Serialize, serde::Deserialize)]
struct LineItem;

#[derive(serde::Serialize, serde::Deserialize)]
struct Theme(u8);

#[derive(SessionData)]
struct Shop {
    items: Vec<Option<LineItem>>,
    name: Option<Cow<'static, str>>,
    shared: Option<Box<u8>>,
    theme: Option<Theme>,
    #[session(default = Theme(1))]
    other_theme: Theme,
}

fn main() {
    let _ = Arc::new(Shop::ITEMS);
}
