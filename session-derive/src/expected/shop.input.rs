/// What a visitor of the shop has.
#[session(prefix = "shop")]
pub struct Shop {
    /// The signed-in customer.
    ///
    /// ```
    /// assert_eq!(1 + 1, 2);
    /// ```
    #[session(index, rotate)]
    user: Option<UserId>,
    #[session(default = Theme::Dark)]
    pub(crate) theme: Theme,
    #[deprecated]
    #[session(lazy, ttl = "15m", rename = "visits", alias = "history")]
    r#type: Vec<Visit>,
}
