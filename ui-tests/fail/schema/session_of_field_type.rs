use session_runtime::Session;

struct State {
    session: Session<Vec<String>>,
}

fn main() {}
