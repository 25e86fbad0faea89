//! The code for a checked struct. Nothing here can fail.

mod accessors;
mod descriptors;
mod schema;

use proc_macro2::TokenStream;
use quote::quote;

use crate::model::Model;

pub(crate) fn expand(model: &Model) -> TokenStream {
    let mut code = descriptors::expand(model);
    code.extend(accessors::expand(model));
    code.extend(schema::expand(model));
    code
}

/// Lints about how code is written, or about what the user's own struct is told already.
fn allowed_lints() -> TokenStream {
    quote! {
        #[allow(dead_code, deprecated, nonstandard_style, private_bounds, private_interfaces, unreachable_pub)]
        #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    }
}
