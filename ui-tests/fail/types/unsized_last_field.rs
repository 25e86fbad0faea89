use session_runtime::SessionData;

#[derive(SessionData)]
struct Shop {
    cart: Vec<String>,
    name: str,
}

fn main() {}
