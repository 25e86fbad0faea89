use session_runtime::Session;

struct Shop {
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) {}

fn main() {}
