//! Welch's t-test on two classes of times.

/// What |t| must not exceed: by chance it does so about seven times in a million tests.
pub(crate) const LEAK: f64 = 4.5;

/// Shares of the samples that are kept, the fastest: all, and fewer and fewer.
const KEPT: [f64; 6] = [1.0, 0.99, 0.95, 0.9, 0.75, 0.5];

/// What a pair of classes amounts to.
pub(crate) struct Verdict {
    /// The largest |t|, over all croppings.
    pub(crate) t: f64,
    /// The mean time of the half that was fastest, in nanoseconds.
    pub(crate) mean: f64,
}

/// Mean and variance of what was added so far (Welford).
#[derive(Clone, Copy, Default)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, value: f64) {
        self.count += 1.0;
        let off = value - self.mean;
        self.mean += off / self.count;
        self.squares += off * (value - self.mean);
    }

    /// The variance of the mean.
    fn error(&self) -> f64 {
        self.squares / (self.count - 1.0) / self.count
    }
}

/// Compares the times of the samples by their class.
pub(crate) fn compare(samples: &[(bool, f64)]) -> Verdict {
    let mut times: Vec<_> = samples.iter().map(|(_, time)| *time).collect();
    times.sort_by(f64::total_cmp);
    let mut verdict = Verdict { t: 0.0, mean: 0.0 };
    for kept in KEPT {
        let slowest = times[((times.len() - 1) as f64 * kept) as usize];
        let mut classes = [Moments::default(); 2];
        for (class, time) in samples.iter().filter(|(_, time)| *time <= slowest) {
            classes[usize::from(*class)].add(*time);
        }
        let [one, other] = classes;
        let t = (one.mean - other.mean) / (one.error() + other.error()).sqrt();
        verdict.t = verdict.t.max(t.abs());
        verdict.mean = one.mean;
    }
    verdict
}
