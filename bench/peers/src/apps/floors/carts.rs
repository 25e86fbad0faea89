//! Carts as bytes, in the encoding that session-runtime has.

use bincode::config::standard;

use crate::sample::Item;

/// The bytes of a cart.
pub(super) fn encode(cart: &[Item]) -> Vec<u8> {
    bincode::serde::encode_to_vec(cart, standard()).expect("a cart can be encoded")
}

/// The cart of these bytes; none of nothing.
pub(super) fn decode(bytes: &[u8]) -> Vec<Item> {
    bincode::serde::decode_from_slice(bytes, standard()).map_or_else(|_| Vec::new(), |(cart, _)| cart)
}
