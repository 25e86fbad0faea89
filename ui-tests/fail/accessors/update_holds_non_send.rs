use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
struct Shop {
    user: Option<u64>,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    let seen = std::rc::Rc::new(7);
    session.update_cart(|cart| cart.truncate(*seen)).await?;
    session.set_cart(vec!["apple".into()]).await?;
    Ok(())
}

fn main() {}
