use session_runtime::SessionData;

struct Auth;

#[derive(SessionData)]
struct Shop<T> {
    #[session(flatten)]
    part: T,
    cart: Vec<String>,
}

fn is_schema<T: SessionData>() {}

fn main() {
    is_schema::<Shop<Auth>>();
}
