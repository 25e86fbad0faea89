//! Names: what may not be one, and what was probably meant.

/// The methods that `Session` has or will have, and those that every value has: a field's accessor of this name could not be
/// called.
pub(crate) const RESERVED: &[&str] = &[
    "id",
    "is_new",
    "token",
    "get",
    "set",
    "update",
    "take",
    "remove",
    "has",
    "keys",
    "snapshot",
    "slice",
    "regenerate",
    "destroy",
    "commit",
    "remember",
    "created_at",
    "expires_at",
    "last_authenticated",
    "is_fresh",
    "buffered",
    "csrf_token",
    "verify_csrf",
    "labels",
    "events",
    "clone",
    "clone_from",
    "clone_into",
    "into",
    "try_into",
    "to_owned",
    "deref",
];

/// The name among `known` that was probably meant.
pub(crate) fn similar<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let close_enough = |candidate: &str| distance(name, candidate) <= (candidate.len() / 3).max(1);
    known.iter().copied().filter(|candidate| close_enough(candidate)).min_by_key(|candidate| distance(name, candidate))
}

/// How many letters were added, left out, changed or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<_>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let changed = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = changed.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}
