use http::HeaderValue;

/// What a site left in the browser, to be forgotten at sign-out (W3C Clear Site Data).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SiteData {
    /// Cached responses, pages fetched ahead, and what the "back" button shows.
    Cache,
    /// All cookies of the registrable domain, those of other hosts below it too.
    Cookies,
    /// What scripts have stored, and service workers.
    Storage,
    /// The pages that are open: they are loaded again.
    ExecutionContexts,
    /// All of it, and whatever browsers will add.
    Everything,
}

impl SiteData {
    fn directive(self) -> &'static str {
        match self {
            Self::Cache => "\"cache\"",
            Self::Cookies => "\"cookies\"",
            Self::Storage => "\"storage\"",
            Self::ExecutionContexts => "\"executionContexts\"",
            Self::Everything => "\"*\"",
        }
    }

    /// The value of `Clear-Site-Data`; `None` where nothing is to be forgotten.
    pub(super) fn header(what: &[Self]) -> Option<HeaderValue> {
        let directives: Vec<_> = what.iter().map(|what| what.directive()).collect();
        let text = directives.join(", ");
        (!text.is_empty()).then(|| HeaderValue::try_from(text).expect("quoted words are header text"))
    }
}
