use session_runtime::SessionData;

#[derive(SessionData)]
struct Shop {
    #[session(index, lazy)]
    user: Option<u64>,
}

fn main() {}
