//! Values that are made up for the parts before the one that is asked for.
//!
//! A type that checks its input may refuse what it is given. Then the same question is asked again with another value in the
//! last place where there was a choice, until it is answered or too many were tried. Nothing here is left to chance: a type
//! must have the same shape in every program.

/// How often a question is asked at most.
pub(super) const MAX_TRIES: usize = 2000;

/// Texts that one type or another accepts.
pub(super) const TEXTS: &[&str] = &[
    "a",
    "",
    "1",
    "https://example.com/",
    "00000000-0000-4000-8000-000000000000",
    "2000-01-01T00:00:00Z",
    "2000-01-01T00:00:00",
    "2000-01-01",
    "00:00:00",
    "2000-01-01T00:00:00+00:00[UTC]",
    "2000-01-01 00:00:00 UTC",
    "PT1S",
    "P1D",
    "1.5",
    "1.0.0",
    "127.0.0.1",
    "::1",
    "127.0.0.1:80",
    "[::1]:80",
    "10.0.0.0/8",
    "someone@example.com",
    "example.com",
    "/",
    "text/plain",
    "en",
    "en-US",
    "EUR",
    "DE",
    "UTC",
    "Europe/Berlin",
    "GET",
    "true",
    "#000000",
    "+15555550100",
    "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "AAAA",
    "{}",
    "Mon",
    "January",
    "2000-01-01T00:00:00+00:00[+00:00]",
];

/// How many bytes one type or another accepts: a UUID's first.
pub(super) const SIZES: &[usize] = &[16, 0, 4, 8, 12, 20, 24, 32, 64];

/// Numbers, as far as the type can hold them.
pub(super) const NUMBERS: &[u8] = &[1, 0, 2];

/// The choices of one try.
#[derive(Debug, Default)]
pub(super) struct Script {
    /// What was chosen, of how many.
    choices: Vec<(usize, usize)>,
    next: usize,
}

impl Script {
    /// Chooses one of so many.
    pub(super) fn choose(&mut self, of: usize) -> usize {
        if self.next == self.choices.len() {
            self.choices.push((0, of));
        }
        let (chosen, _) = self.choices[self.next];
        self.next += 1;
        chosen.min(of.saturating_sub(1))
    }

    /// Prepares another try; `false` if everything was tried.
    pub(super) fn try_another(&mut self) -> bool {
        self.next = 0;
        while let Some((chosen, of)) = self.choices.pop() {
            if chosen + 1 < of {
                self.choices.push((chosen + 1, of));
                return true;
            }
        }
        false
    }
}
