//! The buffer in which values are encoded before they are kept in just as many bytes as they have.

use std::cell::Cell;
use std::sync::Arc;

/// A buffer that a larger value has made is not kept: in bytes, of each thread that sets values.
const MOST_KEPT: usize = 256 * 1024;

thread_local! {
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// The bytes that `write` writes. It may write other values on its way, each of which gets a buffer of its own.
pub(super) fn exactly<E>(write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>) -> Result<Arc<[u8]>, E> {
    let mut buffer = BUFFER.try_with(Cell::take).unwrap_or_default();
    let bytes = write(&mut buffer).map(|()| Arc::from(&*buffer));
    buffer.clear();
    if buffer.capacity() <= MOST_KEPT {
        // Not at the end of its thread.
        let _ = BUFFER.try_with(|kept| kept.set(buffer));
    }
    bytes
}
