/// What a visitor of the shop has, with the parts that it shares with other sites.
pub struct Shop {
    /// Who is signed in.
    #[session(flatten)]
    auth: Auth,
    #[session(version = 3, migrate(OldCart => |old| old.items, Vec<LineItem> => with_prices, version = 1))]
    cart: Vec<LineItem>,
    #[session(codec = "json", on_mismatch = "default")]
    note: Option<Note>,
}
