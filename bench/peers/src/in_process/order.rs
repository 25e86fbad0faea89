//! Which visitors come, and in which order.

/// An order.
#[derive(Clone, Copy, Debug)]
pub(super) enum Order {
    /// The first alone.
    One,
    /// Each as often as any other, in no order.
    Scattered,
    /// The first nine times in ten, else any.
    MostlyOne,
}

impl Order {
    /// Who of so many comes next. The same ones each time it is asked for.
    pub(super) fn visitors(self) -> impl FnMut(usize) -> usize {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        move |count| {
            // Xorshift: random enough to defeat every cache.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let any = (state >> 8) as usize % count;
            match self {
                Self::One => 0,
                Self::Scattered => any,
                Self::MostlyOne if state.is_multiple_of(10) => any,
                Self::MostlyOne => 0,
            }
        }
    }
}
