//! What a migration's function may name: `Self` is the struct, as in `default`, and methods are the user's own.

use session_runtime::SessionData;

#[derive(serde::Serialize, serde::Deserialize)]
struct OldCart {
    items: Vec<String>,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct OlderCart(Vec<String>);

trait Upgrade {
    fn upgrade(self) -> Vec<String>;
}

impl Upgrade for OldCart {
    fn upgrade(self) -> Vec<String> {
        self.items
    }
}

#[derive(SessionData)]
struct Shop {
    #[session(migrate(OldCart => |old| old.upgrade(), OlderCart => Self::upgraded))]
    cart: Vec<String>,
    #[session(migrate(OldCart => OldCart::upgrade, OlderCart => |older| Self::upgraded(older)))]
    bag: Vec<String>,
}

impl Shop {
    fn upgraded(older: OlderCart) -> Vec<String> {
        older.0
    }
}

fn main() {}
