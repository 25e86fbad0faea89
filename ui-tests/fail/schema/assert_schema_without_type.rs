use session_runtime::SessionData;

#[derive(SessionData)]
struct Shop {
    cart: Vec<String>,
}

fn main() {
    session_runtime::assert_schema!();
}
