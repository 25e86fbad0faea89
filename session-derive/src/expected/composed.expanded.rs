// What `composed.input.rs` becomes. Written by `SESSION_DERIVE_BLESS=1 cargo test -p session-derive`.

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
    /// The field `cart`, for the generic calls of a session.
    pub const CART: ::session_runtime::Field<Self, Vec<LineItem>> = ::session_runtime::__private::field::<
        Self,
        Vec<LineItem>,
    >(::session_runtime::__private::FieldSpec::new("cart").version(3u32))
        .migrated::<1>();
    /// The field `note`, for the generic calls of a session.
    pub const NOTE: ::session_runtime::Field<Self, Note> = ::session_runtime::__private::optional_field::<
        Self,
        Note,
    >(::session_runtime::__private::FieldSpec::new("note").json().default_on_mismatch());
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
impl Shop {
    #[doc(hidden)]
    fn __upgrade_cart_0(old: OldCart) -> Vec<LineItem> {
        ::session_runtime::__private::step::<
            OldCart,
            Vec<LineItem>,
        >(old, |old| old.items)
    }
    #[doc(hidden)]
    fn __upgrade_cart_1(
        old: Vec<LineItem>,
    ) -> impl ::session_runtime::__private::Upgrade<Self, Vec<LineItem>, 1> {
        ::session_runtime::__private::step::<Vec<LineItem>, _>(old, with_prices)
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
impl ::session_runtime::__private::Migrate<Vec<LineItem>, 1> for Shop {
    fn migrate(
        stored: ::session_runtime::__private::Stored<'_, Vec<LineItem>>,
    ) -> ::session_runtime::__private::Stored<'_, Vec<LineItem>> {
        stored
            .from::<
                OldCart,
            >(
                ::session_runtime::__private::None,
                |old, steps| ::session_runtime::__private::go_on::<
                    Self,
                    Vec<LineItem>,
                    1,
                    _,
                >(Self::__upgrade_cart_0(old), steps),
            )
            .from::<
                Vec<LineItem>,
            >(
                ::session_runtime::__private::Some(1u32),
                |old, steps| ::session_runtime::__private::go_on::<
                    Self,
                    Vec<LineItem>,
                    1,
                    _,
                >(Self::__upgrade_cart_1(old), steps),
            )
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
impl ::session_runtime::__private::Upgrade<Shop, Vec<LineItem>, 1> for OldCart {
    fn upgrade(
        self,
        steps: ::session_runtime::__private::Steps,
    ) -> ::session_runtime::__private::Option<Vec<LineItem>> {
        ::session_runtime::__private::go_on::<
            Shop,
            Vec<LineItem>,
            1,
            _,
        >(Shop::__upgrade_cart_0(self), steps)
    }
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
    /// This session as its slice `auth` knows it: a `Session` with the accessors of the slice's own fields.
    ///
    /// Who is signed in.
    pub fn auth(&self) -> <Auth as ::session_runtime::SessionData>::Session {
        <Auth as ::session_runtime::SessionData>::slice_of(&self.session)
    }
    /// The session's `cart`; its default where it is absent.
    #[inline]
    pub fn cart(&self) -> ::session_runtime::Call<'_, Vec<LineItem>> {
        (&self.session).value(Shop::CART)
    }
    /// Sets the session's `cart`: await it. `.ttl(Duration)` lets this value end earlier or later than usual.
    #[inline]
    pub fn set_cart(&self, value: Vec<LineItem>) -> ::session_runtime::Set {
        (&self.session).set(Shop::CART, value)
    }
    /// Changes the session's `cart` atomically; the closure may run again when others change it at the same time.
    #[inline]
    pub fn update_cart<'s, R: ::session_runtime::__private::Send + 's>(
        &'s self,
        change: impl ::session_runtime::__private::FnMut(
            &mut Vec<LineItem>,
        ) -> R + ::session_runtime::__private::Send + 's,
    ) -> ::session_runtime::Call<'s, R> {
        (&self.session).update_value(Shop::CART, change)
    }
    /// Takes the session's `cart` out, atomically: of all requests that try, one gets it.
    #[inline]
    pub fn take_cart(
        &self,
    ) -> ::session_runtime::Call<
        '_,
        ::session_runtime::__private::Option<Vec<LineItem>>,
    > {
        (&self.session).take(Shop::CART)
    }
    /// Removes the session's `cart`.
    #[inline]
    pub fn remove_cart(&self) -> ::session_runtime::Call<'_, ()> {
        (&self.session).remove(Shop::CART)
    }
    /// Whether the session has a `cart`.
    #[inline]
    pub fn has_cart(&self) -> ::session_runtime::Call<'_, bool> {
        (&self.session).has(Shop::CART)
    }
    /// The session's `note`; `None` where it is absent.
    #[inline]
    pub fn note(&self) -> ::session_runtime::Call<'_, Option<Note>> {
        (&self.session).get(Shop::NOTE)
    }
    /// Sets the session's `note`: await it. `.ttl(Duration)` lets this value end earlier or later than usual.
    #[inline]
    pub fn set_note(&self, value: Note) -> ::session_runtime::Set {
        (&self.session).set(Shop::NOTE, value)
    }
    /// Changes the session's `note` atomically; the closure may run again when others change it at the same time.
    #[inline]
    pub fn update_note<'s, R: ::session_runtime::__private::Send + 's>(
        &'s self,
        change: impl ::session_runtime::__private::FnMut(
            &mut Option<Note>,
        ) -> R + ::session_runtime::__private::Send + 's,
    ) -> ::session_runtime::Call<'s, R> {
        (&self.session).update(Shop::NOTE, change)
    }
    /// Takes the session's `note` out, atomically: of all requests that try, one gets it.
    #[inline]
    pub fn take_note(
        &self,
    ) -> ::session_runtime::Call<'_, ::session_runtime::__private::Option<Note>> {
        (&self.session).take(Shop::NOTE)
    }
    /// Removes the session's `note`.
    #[inline]
    pub fn remove_note(&self) -> ::session_runtime::Call<'_, ()> {
        (&self.session).remove(Shop::NOTE)
    }
    /// Whether the session has a `note`.
    #[inline]
    pub fn has_note(&self) -> ::session_runtime::Call<'_, bool> {
        (&self.session).has(Shop::NOTE)
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
        own: &["cart", "note"],
        slices: &[&<Auth as ::session_runtime::SessionData>::KEYS],
    };
    fn parts() -> &'static [::session_runtime::__private::Part] {
        const {
            &[
                ::session_runtime::__private::Part::Slice(
                    &<Auth as ::session_runtime::SessionData>::SCHEMA,
                ),
                (&Self::CART).part(),
                (&Self::NOTE).part(),
            ]
        }
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
            auth: <Auth as ::session_runtime::SessionData>::from_snapshot(snapshot),
            cart: snapshot.value(Self::CART),
            note: snapshot.get(Self::NOTE),
        };
        let _ = (&data.auth, &data.cart, &data.note);
        data
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
impl ::session_runtime::Contains<Auth> for Shop {}
#[allow(
    dead_code,
    deprecated,
    nonstandard_style,
    private_bounds,
    private_interfaces,
    unreachable_pub
)]
#[allow(clippy::all, clippy::pedantic, clippy::nursery)]
const _: () = ::session_runtime::__private::assert_distinct_keys(
    &<Shop as ::session_runtime::SessionData>::KEYS,
);
