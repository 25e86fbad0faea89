//! Redis Sentinel.

use std::time::{Duration, Instant};

use redis::sentinel::{SentinelClient, SentinelServerType};
use session_runtime::{RedisStore, SessionManager};
use session_tests::{RedisServer, Shop};

#[tokio::test]
#[cfg_attr(not(has_redis), ignore = "needs Redis: apt-get install redis-server")]
async fn sessions_go_on_with_the_new_master_after_a_failover() {
    let mut master = RedisServer::start().await;
    let replica = master.replica().await;
    let sentinels = [master.sentinel().await, master.sentinel().await, master.sentinel().await];
    for sentinel in &sentinels {
        sentinel.settles(&["sentinel", "master", "main"], "num-other-sentinels\n2").await;
        sentinel.settles(&["sentinel", "master", "main"], "num-slaves\n1").await;
    }
    let urls: Vec<_> = sentinels.iter().map(RedisServer::url).collect();
    let client = SentinelClient::build(urls, "main".into(), None, SentinelServerType::Master).unwrap();
    let sessions = SessionManager::<Shop>::new(RedisStore::from_sentinel(client));
    let session = sessions.start();
    session.set_count(1).await.unwrap();
    let token = session.token().unwrap();
    master.tells(&["wait", "1", "5000"]);

    master.kill();
    let killed = Instant::now();
    let found = loop {
        match sessions.open(&token).await {
            Ok(found) => break found.expect("the session has survived"),
            Err(error) => assert!(killed.elapsed() < Duration::from_secs(60), "{error:?}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    // A replica can be read from before it is the master.
    while let Err(error) = found.update_count(|count| *count += 1).await {
        assert!(killed.elapsed() < Duration::from_secs(60), "{error:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(sessions.open(&token).await.unwrap().unwrap().count().await.unwrap(), 2);
    assert!(replica.tells(&["role"]).starts_with("master"));
}
