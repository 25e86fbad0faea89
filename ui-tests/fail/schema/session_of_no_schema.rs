// errors: 2, because rustc checks a parameter again where the body begins
use session_runtime::Session;

struct Shop {
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) {}

fn main() {}
