use std::borrow::Cow;

use super::site_data::SiteData;

/// Which requests from other sites carry the cookie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SameSite {
    /// None.
    Strict,
    /// Only when somebody follows a link.
    #[default]
    Lax,
    /// All; needs `Secure`.
    None,
}

/// A session cookie's name and attributes; what they have to be for browsers is checked when the manager is built.
///
/// By default `__Host-session` with `Secure; HttpOnly; SameSite=Lax; Path=/`. The prefix `__Host-` lets browsers take the
/// cookie only over HTTPS (or from localhost, in most) and from this very host. `HttpOnly` is always set.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct CookieOptions {
    pub(super) name: Cow<'static, str>,
    pub(super) path: Cow<'static, str>,
    pub(super) domain: Option<Cow<'static, str>>,
    pub(super) secure: bool,
    pub(super) same_site: SameSite,
    pub(super) partitioned: bool,
    pub(super) persistent: bool,
    pub(super) clear_site_data: Vec<SiteData>,
}

impl Default for CookieOptions {
    fn default() -> Self {
        Self {
            name: "__Host-session".into(),
            path: "/".into(),
            domain: None,
            secure: true,
            same_site: SameSite::Lax,
            partitioned: false,
            persistent: false,
            clear_site_data: Vec::new(),
        }
    }
}

impl CookieOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// For development over plain HTTP: a cookie called `session`, without `Secure`. Whoever is on the network can read it.
    pub fn plain_http() -> Self {
        Self::default().name("session").secure(false)
    }

    /// The cookie's name. Browsers keep a cookie only if it is as the prefix of its name says, in any case of letters:
    ///
    /// | prefix | the cookie is |
    /// | --- | --- |
    /// | `__Secure-` | `Secure` |
    /// | `__Host-` | `Secure`, with the path `/`, and without a domain |
    /// | `__Http-` | `Secure` and `HttpOnly` |
    /// | `__Host-Http-` | all of this |
    ///
    /// The latter two are new: browsers that don't know `__Http-` keep the cookie without a check, and take `__Host-Http-` for
    /// `__Host-`.
    pub fn name(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.name = name.into();
        self
    }

    /// The part of the site that gets the cookie: `/`, all of it, unless set.
    pub fn path(mut self, path: impl Into<Cow<'static, str>>) -> Self {
        self.path = path.into();
        self
    }

    /// Lets this domain and all below it have the cookie, instead of this host alone: `example.com`, in ASCII.
    pub fn domain(mut self, domain: impl Into<Cow<'static, str>>) -> Self {
        self.domain = Some(domain.into());
        self
    }

    /// Whether the cookie travels over HTTPS only: yes, unless set. Without it the name must have no prefix; for development,
    /// [`plain_http`](Self::plain_http) has both.
    pub fn secure(mut self, secure: bool) -> Self {
        self.secure = secure;
        self
    }

    /// Which requests from other sites carry the cookie: [`SameSite::Lax`] unless set.
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.same_site = same_site;
        self
    }

    /// Gives the cookie its own jar under each top-level site (CHIPS): for services that are embedded in others' pages, with
    /// [`SameSite::None`].
    pub fn partitioned(mut self, partitioned: bool) -> Self {
        self.partitioned = partitioned;
        self
    }

    /// Whether every session's cookie outlives the browser: no, unless set;
    /// [`Session::remember`](crate::Session::remember) has it for one session. Its `Max-Age` then runs to the session's
    /// absolute deadline, for 400 days at most, which is what browsers keep. For a longer session, let
    /// [`renew_after`](crate::Builder::renew_after) send the cookie anew before.
    pub fn persistent(mut self, persistent: bool) -> Self {
        self.persistent = persistent;
        self
    }

    /// What else browsers forget when they are told to remove the cookie, after
    /// [`Session::destroy`](crate::Session::destroy): the header `Clear-Site-Data`. Nothing, unless set.
    ///
    /// Browsers heed it over HTTPS and from localhost.
    pub fn clear_site_data(mut self, what: impl IntoIterator<Item = SiteData>) -> Self {
        self.clear_site_data = what.into_iter().collect();
        self
    }
}
