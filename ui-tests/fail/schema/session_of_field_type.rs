// errors: 3, because rustc also finds no size for the session, twice
use session_runtime::Session;

async fn handler(session: Session<Vec<String>>) {}

fn main() {}
