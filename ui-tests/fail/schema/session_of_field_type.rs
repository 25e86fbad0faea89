use session_runtime::Session;

async fn handler(session: Session<Vec<String>>) {}

fn main() {}
