use session_runtime::SessionData;

#[derive(serde::Serialize, serde::Deserialize)]
struct LineItem;

#[derive(SessionData)]
struct Shop<T> {
    last: T,
}

fn is_schema<T: SessionData>() {}

fn main() {
    is_schema::<Shop<u8>>();
    is_schema::<Shop<LineItem>>();
}
