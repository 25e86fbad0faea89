//! The code for a checked struct. Nothing here can fail.

mod accessors;
mod descriptors;
mod schema;

use proc_macro2::TokenStream;

use crate::model::Model;

pub(crate) fn expand(model: &Model) -> TokenStream {
    let mut code = descriptors::expand(model);
    code.extend(accessors::expand(model));
    code.extend(schema::expand(model));
    code
}
