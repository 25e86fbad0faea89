//! Requirement 34: each event in a session's life is told once, with its reason.

use std::sync::{Arc, Mutex};

use session_runtime::SessionEvent::{self, *};
use session_runtime::store::Store as _;
use session_runtime::{Builder, Deadline, OnReuse, RejectReason, RevokeReason};
use session_tests::find_secret;

use crate::world::{Account, DAY, HOUR, MINUTE, look};

requirements! {
    async fn requirement_34_each_event_is_told_once_with_its_reason(world) {
        let told: Arc<Mutex<Vec<SessionEvent>>> = Arc::default();
        let listener = Arc::clone(&told);
        let settings = |builder: Builder<Account>| {
            let listen = move |event: &SessionEvent| listener.lock().unwrap().push(*event);
            builder.renew_after(HOUR).on_reuse(OnReuse::Revoke).idle_timeout(DAY).on_event(listen)
        };
        let site = world.site_with(settings).await;
        let take = || std::mem::take(&mut *told.lock().unwrap());
        let mut all = Vec::new();
        let mut tells = |expected: Vec<SessionEvent>| {
            let told = take();
            assert_eq!(told, expected);
            all.extend(told);
        };

        let browser = site.browser();
        browser.post("/note", "tea").await;
        let session = browser.token().unwrap().id();
        tells(vec![Created { session }]);
        browser.post("/sign-in", "7").await;
        tells(vec![Rotated { session }]);
        look(&browser).await;
        let before = browser.stolen();
        world.clock.advance(HOUR);
        look(&browser).await;
        tells(vec![Renewed { session }]);
        look(&browser).await;
        world.clock.advance(MINUTE);
        look(&before).await;
        tells(vec![ReuseDetected { session }, Revoked { session, reason: RevokeReason::Reuse }]);
        look(&browser).await;
        tells(vec![Rejected { session: Some(session), reason: RejectReason::Unknown }]);

        let browser = site.signed_in(7).await;
        let session = browser.token().unwrap().id();
        tells(vec![Created { session }]);
        browser.post("/sign-out", "").await;
        tells(vec![SignedOut { session }]);
        let session = site.signed_in(8).await.token().unwrap().id();
        site.sessions.revoke_all(&Account::USER, &8).await.unwrap();
        tells(vec![Created { session }, Revoked { session, reason: RevokeReason::Asked }]);

        let browser = site.signed_in(9).await;
        let session = browser.token().unwrap().id();
        look(&browser).await;
        tells(vec![Created { session }]);
        world.clock.advance(DAY);
        site.sessions.sweep().await.unwrap();
        let expired = Expired { session, deadline: Deadline::Idle };
        tells(Vec::from_iter(world.store.needs_sweeping().then_some(expired)));
        assert_eq!(find_secret(&world.tokens.all(), format!("{all:?}").as_bytes()), None);
    }
}
