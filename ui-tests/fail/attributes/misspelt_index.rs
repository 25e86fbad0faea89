use session_runtime::SessionData;

#[derive(SessionData)]
struct Shop {
    #[session(indx)]
    user: Option<u64>,
}

fn main() {}
