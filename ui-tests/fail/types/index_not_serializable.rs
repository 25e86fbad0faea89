use session_runtime::SessionData;

struct Customer(u64);

#[derive(SessionData)]
struct Shop {
    #[session(index)]
    user: Option<Customer>,
}

fn main() {}
