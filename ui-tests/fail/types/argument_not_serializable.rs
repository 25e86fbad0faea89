use session_runtime::SessionData;

struct LineItem;

#[derive(SessionData)]
struct Shop<T> {
    last: Option<T>,
}

fn key() -> &'static str {
    Shop::<LineItem>::LAST.key()
}

fn main() {}
