use session_runtime::SessionData;

struct LineItem;

#[derive(SessionData)]
struct Shop<T> {
    last: Option<T>,
}

fn is_schema<T: SessionData>() {}

fn main() {
    is_schema::<Shop<u8>>();
    is_schema::<Shop<LineItem>>();
}
