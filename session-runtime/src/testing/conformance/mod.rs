//! The suite that every [`Store`] must pass: one test per guarantee.
//!
//! ```no_run
//! # #![allow(unused)]
//! # use session_runtime::MemoryStore as MyStore;
//! // In a test file of the crate that has the store. The expression makes a fresh store for each test, and whatever must
//! // live as long as it (a temporary directory, a server).
//! session_runtime::testing::store_conformance!(my_store, async { (MyStore::new(), ()) });
//! # fn main() {}
//! ```
//!
//! This makes a module `my_store` with one `#[tokio::test]` per guarantee, named after it; attributes before the name, such as
//! `#[ignore = "needs a server"]`, are those of each test. The crate needs `tokio` with
//! `macros` and `rt-multi-thread` among its dev-dependencies. [`GUARANTEES`] is the same list as values.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::store::Store;

mod expiry;
mod fields;
mod guards;
mod index;
mod races;
mod records;
mod repeats;
mod sign_ins;
mod subject;

use subject::Subject;

/// Something that every store promises, and the test that finds out.
#[derive(Clone, Copy)]
pub struct Guarantee {
    name: &'static str,
    check: fn(Arc<dyn Store>) -> Check,
}

type Check = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Guarantee {
    /// Its name, a sentence in snake case.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Checks it on a fresh store.
    ///
    /// # Panics
    /// When the store breaks it.
    pub async fn check(&self, store: Arc<dyn Store>) {
        (self.check)(store).await;
    }
}

impl fmt::Debug for Guarantee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Guarantee").field(&self.name).finish()
    }
}

/// Checks the guarantee with this name.
///
/// # Panics
/// When the store breaks it, or there is none of this name.
pub async fn check(name: &str, store: Arc<dyn Store>) {
    let guarantee = GUARANTEES.iter().find(|guarantee| guarantee.name == name);
    guarantee.expect("a guarantee of this suite").check(store).await;
}

/// The one list of guarantees: gives them, by module, to a macro.
#[doc(hidden)]
#[macro_export]
macro_rules! __store_guarantees {
    ($macro:path $(, $($rest:tt)*)?) => {
        $macro! {
            [
                records::an_unknown_session_is_absent
                records::a_created_session_is_there_with_its_fields
                records::a_load_gives_what_was_selected
                records::a_new_session_never_takes_the_place_of_another
                records::large_and_many_fields_come_back_as_they_were
                records::without_a_time_the_stores_own_clock_decides
                fields::a_removed_field_is_absent
                fields::writes_to_one_field_leave_the_others
                fields::a_swap_needs_the_revision_that_was_seen
                fields::a_refused_swap_tells_what_is_there
                fields::a_change_set_is_applied_whole_or_not_at_all
                fields::readers_see_no_half_of_a_change_set
                fields::a_dropped_commit_is_whole_or_nothing
                guards::a_wrong_secret_changes_nothing
                guards::a_rotation_replaces_the_secret_and_keeps_the_rest
                guards::a_superseded_secret_changes_nothing_and_is_recognised_for_its_time
                guards::an_old_epoch_changes_nothing
                guards::the_shortest_commit_needs_its_guard_and_a_live_session
                guards::the_shortest_commit_does_what_is_due
                guards::a_renewed_secret_opens_until_its_successor_came_and_the_grace_is_over
                guards::only_the_present_secret_retires_the_one_before
                guards::of_racing_rotations_one_is_applied
                guards::of_two_renewals_the_second_is_none
                guards::destroying_needs_the_guard
                guards::a_destroyed_session_never_comes_back
                expiry::a_session_is_absent_from_its_idle_deadline_on
                expiry::a_session_is_absent_from_its_absolute_deadline_on
                expiry::an_expired_session_never_comes_back
                expiry::a_field_is_absent_from_its_expiry_on
                expiry::a_touch_moves_only_the_idle_deadline_and_never_back
                expiry::remembering_replaces_both_deadlines
                expiry::an_authentication_is_written_down
                expiry::a_sweep_deletes_what_has_expired_and_nothing_else
                repeats::a_creation_asked_again_is_applied_once
                repeats::a_write_asked_again_is_applied_once
                repeats::a_write_asked_again_does_not_undo_what_came_after_it
                repeats::a_swap_asked_again_is_applied_once
                repeats::a_removal_asked_again_is_told_from_anothers
                repeats::a_rotation_asked_again_is_applied_once
                repeats::a_write_asked_again_needs_its_guard_still
                sign_ins::a_session_may_begin_with_a_sign_in
                sign_ins::a_sign_in_is_one_change
                sign_ins::sign_ins_follow_each_other
                sign_ins::a_sign_in_needs_its_guard_and_a_live_session
                sign_ins::a_sign_in_touches_the_session_where_that_is_due
                index::sessions_are_found_by_their_index_entries
                index::an_ended_session_is_not_missed_by_the_index
                index::a_refused_change_enters_nothing_into_an_index
                races::no_write_to_a_field_of_its_own_is_lost
                races::no_swap_is_lost
                races::of_racing_takers_one_wins
                races::no_commit_outlives_a_destruction
            ]
            $($($rest)*)?
        }
    };
}

macro_rules! list {
    ([$($module:ident :: $name:ident)*]) => {
        /// All guarantees.
        pub const GUARANTEES: &[Guarantee] = &[$(Guarantee {
            name: stringify!($name),
            check: |store| Box::pin($module::$name(Subject::new(store))),
        }),*];
    };
}

__store_guarantees!(list);

/// Makes a module with one test per guarantee; see [`conformance`](crate::testing::conformance).
#[doc(hidden)]
#[macro_export]
macro_rules! __store_conformance {
    ([$($in:ident :: $name:ident)*] @tests $attributes:tt $store:expr) => {
        $($crate::__store_conformance!(@test $attributes $name $store);)*
    };
    (@test [$($attribute:tt)*] $name:ident $store:expr) => {
        $($attribute)*
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            let (store, _kept) = $store.await;
            $crate::testing::conformance::check(stringify!($name), ::std::sync::Arc::new(store)).await;
        }
    };
    ($(#[$attribute:meta])* $module:ident, $store:expr) => {
        mod $module {
            use super::*;

            $crate::__store_guarantees!($crate::__store_conformance, @tests [$(#[$attribute])*] $store);
        }
    };
}

pub use crate::__store_conformance as store_conformance;
