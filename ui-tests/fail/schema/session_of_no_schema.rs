// errors: 3, because rustc also finds no size for the session, twice
use session_runtime::Session;

struct Shop {
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) {}

fn main() {}
