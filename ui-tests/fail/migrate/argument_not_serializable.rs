use session_runtime::SessionData;

use std::marker::PhantomData;

struct OldItem;

#[derive(SessionData)]
struct Shop<T> {
    #[session(migrate(Option<T> => |old| old.is_some()))]
    cart: bool,
    last: PhantomData<T>,
}

fn is_schema<T: SessionData>() {}

fn main() {
    is_schema::<Shop<u8>>();
    is_schema::<Shop<OldItem>>();
}
