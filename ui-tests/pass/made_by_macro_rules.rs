//! Schemas that a `macro_rules!` macro writes, of parts that were passed to it.

use session_runtime::{Session, SessionData, SessionError};

#[derive(serde::Serialize, serde::Deserialize)]
struct OldCart(Vec<String>);

fn upgrade(old: OldCart) -> Vec<String> {
    old.0
}

macro_rules! schema {
    (
        $name:ident($prefix:literal) { $($slice:ident: $schema:ty,)* }
        $field:ident: $value:ty = $old:ty => $upgrade:expr, $codec:literal, $version:literal, $reaction:literal;
    ) => {
        #[derive(SessionData)]
        #[session(prefix = $prefix)]
        struct $name {
            $(
                #[session(flatten)]
                $slice: $schema,
            )*
            #[session(codec = $codec, version = $version, on_mismatch = $reaction)]
            #[session(migrate($old => $upgrade, version = 1))]
            $field: $value,
        }
    };
}

schema! {
    Auth("auth") {}
    user: Option<u64> = u32 => |old| u64::from(old), "json", 2, "default";
}

schema! {
    Shop("shop") { auth: Auth, }
    cart: Vec<String> = OldCart => upgrade, "bincode", 3, "error";
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.auth().set_user(7).await?;
    session.update_cart(|cart| cart.push("apple".into())).await
}

fn main() {
    let _ = handler;
    assert_eq!((Auth::USER.key(), Shop::CART.key()), ("auth.user", "shop.cart"));
}
