// What `shop.input.rs` becomes. Written by `SESSION_DERIVE_BLESS=1 cargo test -p session-derive`.

#[automatically_derived]
#[allow(
    dead_code,
    deprecated,
    nonstandard_style,
    private_bounds,
    private_interfaces,
    unreachable_pub
)]
#[allow(clippy::all, clippy::pedantic, clippy::nursery)]
impl Shop {
    /// The field `user`, for the generic calls of a session.
    pub const USER: ::session_runtime::IndexField<Self, UserId> = ::session_runtime::__private::optional_field::<
        Self,
        UserId,
    >(::session_runtime::__private::FieldSpec::new("shop.user").rotate())
        .indexed();
    /// The field `theme`, for the generic calls of a session.
    pub(crate) const THEME: ::session_runtime::Field<Self, Theme> = ::session_runtime::__private::field_or::<
        Self,
        Theme,
    >(::session_runtime::__private::FieldSpec::new("shop.theme"), || Theme::Dark);
    /// The field `type`, for the generic calls of a session.
    #[deprecated]
    pub const TYPE: ::session_runtime::Field<Self, Vec<Visit>> = ::session_runtime::__private::field::<
        Self,
        Vec<Visit>,
    >(
        ::session_runtime::__private::FieldSpec::new("shop.visits")
            .aliases(&["history"])
            .ttl(<::session_runtime::__private::Duration>::from_secs(900u64))
            .lazy(),
    );
}
/// The typed accessors of [`Shop`]'s fields; `Session<Shop>` derefs to this.
#[allow(
    dead_code,
    deprecated,
    nonstandard_style,
    private_bounds,
    private_interfaces,
    unreachable_pub
)]
#[allow(clippy::all, clippy::pedantic, clippy::nursery)]
pub struct ShopAccessors {
    session: ::session_runtime::__private::Handle<Shop>,
}
#[automatically_derived]
impl ::session_runtime::__private::Clone for ShopAccessors {
    fn clone(&self) -> Self {
        Self {
            session: <_ as ::session_runtime::__private::Clone>::clone(&self.session),
        }
    }
}
#[automatically_derived]
impl ::session_runtime::__private::Debug for ShopAccessors {
    fn fmt(
        &self,
        f: &mut ::session_runtime::__private::Formatter<'_>,
    ) -> ::session_runtime::__private::FmtResult {
        <_ as ::session_runtime::__private::Debug>::fmt(&self.session, f)
    }
}
#[automatically_derived]
#[allow(
    dead_code,
    deprecated,
    nonstandard_style,
    private_bounds,
    private_interfaces,
    unreachable_pub
)]
#[allow(clippy::all, clippy::pedantic, clippy::nursery)]
impl ShopAccessors {
    /// The session's `user`; `None` where it is absent.
    ///
    /// The signed-in customer.
    ///
    /// ```
    /// assert_eq!(1 + 1, 2);
    /// ```
    #[inline]
    pub fn user(&self) -> ::session_runtime::Call<'_, Option<UserId>> {
        (&self.session).get(*Shop::USER)
    }
    /// Sets the session's `user`: await it. `.ttl(Duration)` lets this value end earlier or later than usual.
    ///
    /// The signed-in customer.
    #[inline]
    pub fn set_user(&self, value: UserId) -> ::session_runtime::Set {
        (&self.session).set(*Shop::USER, value)
    }
    /// Changes the session's `user` atomically; the closure may run again when others change it at the same time.
    ///
    /// The signed-in customer.
    #[inline]
    pub fn update_user<'s, R: ::session_runtime::__private::Send + 's>(
        &'s self,
        change: impl ::session_runtime::__private::FnMut(
            &mut Option<UserId>,
        ) -> R + ::session_runtime::__private::Send + 's,
    ) -> ::session_runtime::Call<'s, R> {
        (&self.session).update(*Shop::USER, change)
    }
    /// Takes the session's `user` out, atomically: of all requests that try, one gets it.
    ///
    /// The signed-in customer.
    #[inline]
    pub fn take_user(
        &self,
    ) -> ::session_runtime::Call<'_, ::session_runtime::__private::Option<UserId>> {
        (&self.session).take(*Shop::USER)
    }
    /// Removes the session's `user`.
    ///
    /// The signed-in customer.
    #[inline]
    pub fn remove_user(&self) -> ::session_runtime::Call<'_, ()> {
        (&self.session).remove(*Shop::USER)
    }
    /// Whether the session has a `user`.
    ///
    /// The signed-in customer.
    #[inline]
    pub fn has_user(&self) -> ::session_runtime::Call<'_, bool> {
        (&self.session).has(*Shop::USER)
    }
    /// The session's `theme`; its default where it is absent.
    #[inline]
    pub(crate) fn theme(&self) -> ::session_runtime::Call<'_, Theme> {
        (&self.session).value(Shop::THEME)
    }
    /// Sets the session's `theme`: await it. `.ttl(Duration)` lets this value end earlier or later than usual.
    #[inline]
    pub(crate) fn set_theme(&self, value: Theme) -> ::session_runtime::Set {
        (&self.session).set(Shop::THEME, value)
    }
    /// Changes the session's `theme` atomically; the closure may run again when others change it at the same time.
    #[inline]
    pub(crate) fn update_theme<'s, R: ::session_runtime::__private::Send + 's>(
        &'s self,
        change: impl ::session_runtime::__private::FnMut(
            &mut Theme,
        ) -> R + ::session_runtime::__private::Send + 's,
    ) -> ::session_runtime::Call<'s, R> {
        (&self.session).update_value(Shop::THEME, change)
    }
    /// Takes the session's `theme` out, atomically: of all requests that try, one gets it.
    #[inline]
    pub(crate) fn take_theme(
        &self,
    ) -> ::session_runtime::Call<'_, ::session_runtime::__private::Option<Theme>> {
        (&self.session).take(Shop::THEME)
    }
    /// Removes the session's `theme`.
    #[inline]
    pub(crate) fn remove_theme(&self) -> ::session_runtime::Call<'_, ()> {
        (&self.session).remove(Shop::THEME)
    }
    /// Whether the session has a `theme`.
    #[inline]
    pub(crate) fn has_theme(&self) -> ::session_runtime::Call<'_, bool> {
        (&self.session).has(Shop::THEME)
    }
    /// The session's `type`; its default where it is absent.
    #[deprecated]
    #[inline]
    pub fn r#type(&self) -> ::session_runtime::Call<'_, Vec<Visit>> {
        (&self.session).value(Shop::TYPE)
    }
    /// Sets the session's `type`: await it. `.ttl(Duration)` lets this value end earlier or later than usual.
    #[deprecated]
    #[inline]
    pub fn set_type(&self, value: Vec<Visit>) -> ::session_runtime::Set {
        (&self.session).set(Shop::TYPE, value)
    }
    /// Changes the session's `type` atomically; the closure may run again when others change it at the same time.
    #[deprecated]
    #[inline]
    pub fn update_type<'s, R: ::session_runtime::__private::Send + 's>(
        &'s self,
        change: impl ::session_runtime::__private::FnMut(
            &mut Vec<Visit>,
        ) -> R + ::session_runtime::__private::Send + 's,
    ) -> ::session_runtime::Call<'s, R> {
        (&self.session).update_value(Shop::TYPE, change)
    }
    /// Takes the session's `type` out, atomically: of all requests that try, one gets it.
    #[deprecated]
    #[inline]
    pub fn take_type(
        &self,
    ) -> ::session_runtime::Call<'_, ::session_runtime::__private::Option<Vec<Visit>>> {
        (&self.session).take(Shop::TYPE)
    }
    /// Removes the session's `type`.
    #[deprecated]
    #[inline]
    pub fn remove_type(&self) -> ::session_runtime::Call<'_, ()> {
        (&self.session).remove(Shop::TYPE)
    }
    /// Whether the session has a `type`.
    #[deprecated]
    #[inline]
    pub fn has_type(&self) -> ::session_runtime::Call<'_, bool> {
        (&self.session).has(Shop::TYPE)
    }
}
#[automatically_derived]
#[allow(
    dead_code,
    deprecated,
    nonstandard_style,
    private_bounds,
    private_interfaces,
    unreachable_pub
)]
#[allow(clippy::all, clippy::pedantic, clippy::nursery)]
impl ::session_runtime::SessionData for Shop {
    type Accessors = ShopAccessors;
    type Session = ::session_runtime::Session<Self>;
    const KEYS: ::session_runtime::__private::Keys = ::session_runtime::__private::Keys {
        own: &["shop.user", "shop.theme", "shop.visits", "history"],
        slices: &[],
    };
    fn parts() -> &'static [::session_runtime::__private::Part] {
        const { &[(&Self::USER).part(), (&Self::THEME).part(), (&Self::TYPE).part()] }
    }
    fn slice_of<Whole: ::session_runtime::Contains<Self>>(
        session: &::session_runtime::__private::Handle<Whole>,
    ) -> Self::Session {
        session.slice()
    }
    fn accessors(
        session: ::session_runtime::__private::Handle<Self>,
    ) -> Self::Accessors {
        ShopAccessors { session }
    }
    fn handle(
        accessors: &Self::Accessors,
    ) -> &::session_runtime::__private::Handle<Self> {
        &accessors.session
    }
    #[inline]
    fn from_snapshot(snapshot: &mut ::session_runtime::__private::Snapshot) -> Self {
        let data = Self {
            user: snapshot.get(*Self::USER),
            theme: snapshot.value(Self::THEME),
            r#type: snapshot.value(Self::TYPE),
        };
        let _ = (&data.user, &data.theme, &data.r#type);
        data
    }
}
