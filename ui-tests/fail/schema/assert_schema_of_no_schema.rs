struct Shop {
    cart: Vec<String>,
}

fn main() {
    session_runtime::assert_schema!(Shop);
}
