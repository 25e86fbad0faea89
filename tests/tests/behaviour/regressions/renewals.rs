//! Secrets that are renewed: whoever holds one that was given goes on.

use super::*;

on_each_store! {
    /// Two requests at once that both renew the secret: both cookies open the session.
    async fn of_two_renewals_at_once_both_cookies_open_the_session(store) {
        let clock = ManualClock::new();
        let sessions = SessionManager::<Shop>::builder(store).clock(&clock).renew_after(HOUR).build().unwrap();
        let token = begin(&sessions).await;
        clock.advance(HOUR);
        let barrier = Arc::new(Barrier::new(2));
        let (b1, b2) = (barrier.clone(), barrier);
        let one = send(&sessions, Some(token), move |session| async move { session.count().await?; b1.wait().await; Ok(()) });
        let two = send(&sessions, Some(token), move |session| async move { session.count().await?; b2.wait().await; Ok(()) });
        let ((_, one), (_, two)) = tokio::join!(one, two);
        // Whatever answer the browser keeps last must open the session.
        for cookie in [one, two].into_iter().flatten() {
            let token: Token = cookie.parse().unwrap();
            assert!(sessions.open(&token).await.unwrap().is_some(), "a renewed cookie opens nothing");
        }
    }

    /// A late write of the request that renewed the secret does not end the one before: nobody has presented the new one.
    async fn a_late_write_of_the_renewing_request_keeps_the_token_before(store) {
        let clock = ManualClock::new();
        let sessions = SessionManager::<Shop>::builder(store).clock(&clock).renew_after(HOUR).build().unwrap();
        let token = begin(&sessions).await;
        clock.advance(HOUR);
        let kept = Arc::new(std::sync::Mutex::new(None));
        let keep = kept.clone();
        let (_, cookie) = send(&sessions, Some(token), move |session| async move { session.count().await?; *keep.lock().unwrap() = Some(session); Ok(()) }).await;
        assert!(cookie.is_some());
        let session = kept.lock().unwrap().take().unwrap();
        session.set_count(3).await.unwrap();
        clock.advance(Duration::from_secs(61));
        assert!(sessions.open(&token).await.unwrap().is_some(), "the successor was never presented, its predecessor ended");
    }

    /// A renewed secret whose response was lost is renewed again.
    async fn a_renewed_secret_whose_response_was_lost_is_renewed_again(store) {
        let clock = ManualClock::new();
        let sessions = SessionManager::<Shop>::builder(store).clock(&clock).renew_after(HOUR).build().unwrap();
        let token = begin(&sessions).await;
        clock.advance(HOUR);
        let (_, lost) = send(&sessions, Some(token), |session| async move { session.count().await.map(drop) }).await;
        assert!(lost.is_some());
        for _ in 0..20 {
            clock.advance(HOUR);
            let (_, next) = send(&sessions, Some(token), |session| async move { session.count().await.map(drop) }).await;
            if next.is_some() { return; }
        }
        panic!("the answer with the renewed token was lost: this session is never renewed again");
    }

    /// Of two requests at once the first renews the secret, and its answer is lost: the second ends nothing that the visitor has.
    async fn a_request_beside_a_lost_renewal_ends_no_secret(store) {
        let clock = ManualClock::new();
        let sessions = SessionManager::<Shop>::builder(store).clock(&clock).renew_after(HOUR).build().unwrap();
        let first = begin(&sessions).await;
        clock.advance(HOUR);
        let (_, renewed) = send(&sessions, Some(first), |session| async move { session.count().await.map(drop) }).await;
        let token: Token = renewed.unwrap().parse().unwrap();
        clock.advance(HOUR);
        let (both_have_read, the_first_is_done) = (Arc::new(Barrier::new(2)), Arc::new(Notify::new()));
        let (read, done) = (both_have_read.clone(), the_first_is_done.clone());
        let second = send(&sessions, Some(token), move |session| async move {
            session.count().await?;
            read.wait().await;
            done.notified().await;
            Ok(())
        });
        let first = async {
            let lost = send(&sessions, Some(token), move |session| async move {
                session.count().await?;
                both_have_read.wait().await;
                Ok(())
            });
            assert!(lost.await.1.is_some(), "renewed");
            the_first_is_done.notify_one();
        };
        tokio::join!(first, second);
        clock.advance(Duration::from_secs(61));
        assert!(sessions.open(&token).await.unwrap().is_some(), "the visitor has no other");
    }

    /// A request that is under way while the secret is renewed twice by others, and the grace of the one it has is over: its changes
    /// are stored.
    async fn a_long_request_outlives_the_secret_it_came_with(store) {
        let clock = ManualClock::new();
        let sessions = SessionManager::<Shop>::builder(store).clock(&clock).renew_after(HOUR).build().unwrap();
        let read = |session: Handle| async move { session.count().await.map(drop) };
        let first = begin(&sessions).await;
        clock.advance(HOUR);
        let second: Token = send(&sessions, Some(first), read).await.1.unwrap().parse().unwrap();
        clock.advance(HOUR);
        let (has_read, others_are_done) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (told, done) = (has_read.clone(), others_are_done.clone());
        let long = send(&sessions, Some(second), move |session| async move {
            session.count().await?;
            told.notify_one();
            done.notified().await;
            session.set_count(9).await
        });
        let others = async {
            has_read.notified().await;
            let third: Token = send(&sessions, Some(second), read).await.1.unwrap().parse().unwrap();
            send(&sessions, Some(third), read).await;
            clock.advance(Duration::from_secs(61));
            others_are_done.notify_one();
            third
        };
        let ((status, _), third) = tokio::join!(long, others);
        assert_eq!(status, 200);
        assert_eq!(sessions.open(&third).await.unwrap().unwrap().count().await.unwrap(), 9);
    }
}

/// A renewed token that only writes after its grace is reported too.
#[tokio::test]
async fn reuse_by_a_blind_write_is_reported() {
    let events = Events::collect();
    let clock = ManualClock::new();
    let (store, _kept) = session_tests::memory().await;
    let sessions = SessionManager::<Shop>::builder(store).clock(&clock).renew_after(HOUR).build().unwrap();
    let token = begin(&sessions).await;
    clock.advance(HOUR);
    let (_, next) = send(&sessions, Some(token), |session| async move { session.count().await.map(drop) }).await;
    let next: Token = next.unwrap().parse().unwrap();
    send(&sessions, Some(next), |session| async move { session.count().await.map(drop) }).await;
    clock.advance(Duration::from_secs(61));
    send(&sessions, Some(token), |session| async move { session.set_count(9).await }).await;
    assert_eq!(events.count("somebody may have copied it"), 1);
}
