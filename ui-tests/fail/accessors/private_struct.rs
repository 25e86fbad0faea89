use session_runtime::SessionError;

mod shop {
    use session_runtime::SessionData;

    #[derive(SessionData)]
    struct Shop {
        user: Option<u64>,
        pub cart: Vec<String>,
    }

    #[allow(private_interfaces)]
    pub fn session() -> session_runtime::Session<Shop> {
        unimplemented!()
    }
}

async fn handler() -> Result<(), SessionError> {
    shop::session().set_cart(Vec::new()).await?;
    shop::session().set_user(7).await
}

fn main() {}
