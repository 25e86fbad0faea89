//! One application that is measured, with its visitors.

use std::time::{Duration, Instant};

use counting::Counts;

use super::order::Order;
use crate::apps::{App, Requests, Variant};
use crate::workload::{Visitor, Workload};

/// At most so many new visitors in a pass: what they leave behind stays.
const NEWCOMERS: usize = 5_000;

/// How many requests it takes to know how long one takes.
const WARM_UP: usize = 500;

/// An application with sessions in it.
pub(super) struct Subject {
    app: Box<dyn App>,
    keeps: bool,
    /// Whose sessions they are.
    pub(super) visitors: Vec<Visitor>,
}

impl Subject {
    /// Makes the application, and a session in it as these requests begin it.
    pub(super) fn new(variant: &Variant, begin: Workload) -> Self {
        let mut subject = Self { app: (variant.make)(), keeps: variant.keeps, visitors: Vec::new() };
        subject.admit(1, begin);
        subject
    }

    /// Has so many more visitors come.
    pub(super) fn admit(&mut self, count: usize, begin: Workload) {
        let first = self.visitors.len();
        self.visitors.resize(first + count, Visitor::stranger());
        if self.keeps {
            let (keeps, visitors, mut next) = (true, &mut self.visitors[first..], 0..);
            let next = &mut |_| next.next().unwrap_or_default();
            self.app.answer(&mut Requests { asked: begin, count, keeps, visitors, next });
        }
    }

    /// How many requests take that long.
    pub(super) fn requests_in(&mut self, time: Duration, workload: Workload) -> usize {
        let ns = self.time(workload, Order::One, WARM_UP);
        let count = (time.as_nanos() as f64 / ns) as usize;
        let most = if workload == Workload::Visit { NEWCOMERS } else { usize::MAX };
        count.clamp(WARM_UP, most)
    }

    /// How many nanoseconds a request takes.
    pub(super) fn time(&mut self, workload: Workload, order: Order, count: usize) -> f64 {
        let started = Instant::now();
        self.run(workload, order, count);
        started.elapsed().as_nanos() as f64 / count as f64
    }

    /// What so many requests allocate.
    pub(super) fn count(&mut self, workload: Workload, count: usize) -> Counts {
        counting::count(|| self.run(workload, Order::One, count))
    }

    /// Makes so many requests, and checks the answers.
    pub(super) fn run(&mut self, asked: Workload, order: Order, count: usize) {
        let (keeps, mut next) = (self.keeps, order.visitors());
        // Who comes anew is not the visitor whose session is there.
        let mut stranger = [Visitor::stranger()];
        let visitors = if asked == Workload::Visit { &mut stranger[..] } else { &mut self.visitors[..] };
        self.app.answer(&mut Requests { asked, count, keeps, visitors, next: &mut next });
    }
}
