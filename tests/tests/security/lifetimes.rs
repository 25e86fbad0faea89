//! Requirements 19 to 25: when sessions and tokens end, by a clock that is moved by hand.

use std::time::Duration;

use session_runtime::{Builder, OnReuse};
use session_tests::Browser;

use crate::world::{Account, DAY, HOUR, MINUTE, NOBODY, SECOND, look};

const SIGNED_IN: &str = "Some(7) None 0";

/// Sessions that end after an hour without use, and after ten hours.
fn short(builder: Builder<Account>) -> Builder<Account> {
    builder.idle_timeout(HOUR).absolute_timeout(10 * HOUR)
}

/// Tokens that are renewed after an hour, and work for a minute more.
fn renewed(builder: Builder<Account>) -> Builder<Account> {
    builder.renew_after(HOUR).renewal_grace(MINUTE)
}

/// A browser whose token was just renewed and presented, and another that has a copy of the one before.
async fn renew(browser: &Browser, wait: impl FnOnce(Duration)) -> Browser {
    wait(HOUR);
    let before = browser.stolen();
    look(browser).await;
    assert_ne!(browser.token(), before.token());
    look(browser).await;
    before
}

requirements! {
    async fn requirement_19_the_server_ends_sessions_whatever_the_browser_keeps(world) {
        let site = world.site_with(short).await;
        let (idle, busy) = (site.signed_in(7).await, site.signed_in(8).await);
        look(&idle).await;
        for _ in 0..20 {
            look(&busy).await;
            world.clock.advance(HOUR / 2);
        }
        for browser in [&idle, &busy] {
            assert!(!browser.has_no_cookie(), "the browser has it still");
            assert_eq!(look(browser).await, NOBODY);
            assert!(!world.is_stored(browser.token().unwrap().id()).await);
        }
    }

    /// A use is written when it moves the deadline by more than a tenth of the timeout.
    async fn requirement_20_a_session_that_is_not_used_ends(world) {
        let site = world.site_with(short).await;
        let exact = site.signed_in(7).await;
        look(&exact).await;
        world.clock.advance(HOUR - SECOND);
        assert_eq!(look(&exact).await, SIGNED_IN, "and this use counts");
        world.clock.advance(HOUR - SECOND);
        assert_eq!(look(&exact).await, SIGNED_IN);
        world.clock.advance(HOUR + SECOND);
        assert_eq!(look(&exact).await, NOBODY);

        let throttled = site.signed_in(7).await;
        look(&throttled).await;
        world.clock.advance(HOUR / 10);
        look(&throttled).await;
        let unwritten = throttled.stolen();
        world.clock.advance(HOUR * 9 / 10 - SECOND);
        assert_eq!(look(&throttled).await, SIGNED_IN, "never ends before nine tenths");
        world.clock.advance(HOUR + SECOND);
        assert_eq!(look(&unwritten).await, NOBODY);
    }

    async fn requirement_20_a_session_whose_token_never_comes_back_ends_after_an_hour(world) {
        let site = world.site().await;
        let (crawler, visitor) = (site.browser(), site.browser());
        crawler.post("/note", "tea").await;
        visitor.post("/note", "tea").await;
        look(&visitor).await;
        world.clock.advance(HOUR);
        assert_eq!((look(&crawler).await, look(&visitor).await), (NOBODY.into(), "None Some(\"tea\") 0".into()));
    }

    async fn requirement_21_neither_use_nor_rotation_moves_the_absolute_deadline(world) {
        let site = world.site_with(|builder| renewed(builder).idle_timeout(HOUR).absolute_timeout(3 * HOUR)).await;
        let browser = site.signed_in(7).await;
        for _ in 0..179 {
            world.clock.advance(MINUTE);
            browser.post("/regenerate", "").await;
            assert_eq!(look(&browser).await, SIGNED_IN);
        }
        world.clock.advance(MINUTE);
        assert_eq!(look(&browser).await, NOBODY);
    }

    async fn requirement_22_a_token_is_renewed_and_the_one_before_ends(world) {
        let site = world.site_with(renewed).await;
        let browser = site.signed_in(7).await;
        look(&browser).await;
        world.clock.advance(HOUR - SECOND);
        let first = browser.token();
        assert_eq!((look(&browser).await, browser.token()), (SIGNED_IN.into(), first), "not yet");
        let before = renew(&browser, |_| world.clock.advance(SECOND)).await;
        assert_eq!(before.token().unwrap().id(), browser.token().unwrap().id(), "of the same session");
        world.clock.advance(MINUTE - SECOND);
        assert_eq!(look(&before).await, SIGNED_IN, "requests under way go on");
        world.clock.advance(SECOND);
        assert_eq!((look(&before).await, look(&browser).await), (NOBODY.into(), SIGNED_IN.into()));
    }

    /// The cookie of a lost response never arrived: nothing ends before it did.
    async fn requirement_22_a_lost_response_signs_nobody_out(world) {
        let site = world.site_with(renewed).await;
        let browser = site.signed_in(7).await;
        look(&browser).await;
        world.clock.advance(HOUR);
        look(&browser.stolen()).await;
        world.clock.advance(2 * HOUR);
        assert_eq!(look(&browser).await, SIGNED_IN);
    }

    async fn requirement_23_signing_in_replaces_the_token_and_keeps_the_data(world) {
        let site = world.site().await;
        let browser = site.browser();
        browser.post("/note", "tea").await;
        // The first time, the same user again, and another one.
        for user in ["7", "7", "8"] {
            let planted = browser.stolen();
            browser.post("/sign-in", user).await;
            assert_eq!(look(&browser).await, format!("Some({user}) Some(\"tea\") 0"));
            assert_eq!(look(&planted).await, NOBODY);
            world.clock.advance(MINUTE);
            assert_eq!(look(&planted).await, NOBODY);
        }
    }

    /// Whoever knew the token before the sign-in can't end, change or take over the session with it.
    async fn requirement_23_the_token_before_a_sign_in_changes_nothing(world) {
        let site = world.site().await;
        let browser = site.browser();
        browser.post("/note", "tea").await;
        let planted = browser.stolen();
        browser.post("/sign-in", "7").await;
        for page in ["/note", "/count", "/regenerate", "/sign-out"] {
            planted.stolen().post(page, "planted").await;
        }
        assert_eq!(look(&browser).await, "Some(7) Some(\"tea\") 0");
    }

    async fn requirement_24_use_of_a_token_after_its_grace_is_told_once_and_names_the_session(world) {
        let site = world.site_with(renewed).await;
        let browser = site.signed_in(7).await;
        look(&browser).await;
        let before = renew(&browser, |wait| world.clock.advance(wait)).await;
        let id = browser.token().unwrap().id().to_string();
        let told = || world.log.lines(&["WARN", &id]).len();
        assert_eq!((look(&before).await, told()), (SIGNED_IN.into(), 0), "within its grace");
        world.clock.advance(MINUTE);
        assert_eq!((look(&before).await, told()), (NOBODY.into(), 1));
        assert_eq!((look(&browser).await, told()), (SIGNED_IN.into(), 1));
    }

    /// Whoever it was who had the token renewed.
    async fn requirement_24_by_option_the_session_ends_then(world) {
        let site = world.site_with(|builder| renewed(builder).on_reuse(OnReuse::Revoke)).await;
        let browser = site.signed_in(7).await;
        look(&browser).await;
        let before = renew(&browser, |wait| world.clock.advance(wait)).await;
        world.clock.advance(MINUTE);
        assert_eq!(look(&browser).await, SIGNED_IN);
        assert_eq!(look(&before).await, NOBODY);
        assert_eq!(look(&browser).await, NOBODY);
    }

    async fn requirement_25_how_long_ago_somebody_signed_in_is_known(world) {
        let site = world.site().await;
        let fresh = async |browser: &Browser| browser.get("/fresh").await.text == "true";
        let browser = site.browser();
        browser.post("/note", "tea").await;
        assert!(!fresh(&browser).await, "never signed in");
        browser.post("/sign-in", "7").await;
        world.clock.advance(5 * MINUTE);
        browser.post("/regenerate", "").await;
        assert!(fresh(&browser).await);
        world.clock.advance(SECOND);
        assert!(!fresh(&browser).await);
        browser.post("/sign-in", "7").await;
        assert!(fresh(&browser).await);
    }

    async fn requirement_25_signing_in_again_sets_both_deadlines_anew(world) {
        let site = world.site_with(|builder| builder.absolute_timeout(2 * DAY)).await;
        let browser = site.signed_in(7).await;
        look(&browser).await;
        for _ in 0..10 {
            world.clock.advance(DAY - SECOND);
            browser.post("/sign-in", "7").await;
        }
        world.clock.advance(DAY - SECOND);
        assert_eq!(look(&browser).await, SIGNED_IN);
        world.clock.advance(DAY - SECOND);
        assert_eq!(look(&browser).await, SIGNED_IN);
        world.clock.advance(2 * SECOND);
        assert_eq!(look(&browser).await, NOBODY);
    }
}
