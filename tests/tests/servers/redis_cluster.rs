//! Redis Cluster, over a connection of the user's.

use std::sync::Arc;
use std::time::{Duration, Instant};

use redis::cluster::ClusterClientBuilder;
use redis::cluster_async::ClusterConnection;
use session_runtime::testing::conformance::GUARANTEES;
use session_runtime::{RedisStore, SessionManager};
use session_tests::{RedisServer, Shop};

async fn connect(nodes: &[RedisServer]) -> ClusterConnection {
    let client = ClusterClientBuilder::new(nodes.iter().map(RedisServer::url)).build().unwrap();
    client.get_async_connection().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(has_redis), ignore = "needs Redis: apt-get install redis-server")]
async fn every_guarantee_holds_in_a_cluster() {
    let nodes = RedisServer::cluster().await;
    let connection = connect(&nodes).await;
    for guarantee in GUARANTEES {
        println!("{}", guarantee.name());
        let store = RedisStore::from_connection(connection.clone()).with_prefix(format!("{}:", guarantee.name()));
        guarantee.check(Arc::new(store)).await;
    }
}

/// Replication is asynchronous: what was acknowledged in the last moment may be lost with the master. What had reached the
/// replica, here because everybody was idle, is there after the failover, and the store goes on by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(has_redis), ignore = "needs Redis: apt-get install redis-server")]
async fn sessions_survive_the_failover_of_a_master() {
    let mut nodes = RedisServer::cluster().await;
    let sessions = SessionManager::<Shop>::new(RedisStore::from_connection(connect(&nodes).await));
    let mut tokens = Vec::new();
    for count in 0..60 {
        let session = sessions.start();
        session.set_count(count).await.unwrap();
        tokens.push(session.token().unwrap());
    }
    for node in &nodes {
        // Every master waits for its replica.
        node.tells(&["wait", "1", "5000"]);
    }
    nodes[0].kill();
    let killed = Instant::now();
    for (count, token) in (0..).zip(&tokens) {
        let found = loop {
            // Until the replica is the master, and the connection has found out.
            match sessions.open(token).await {
                Ok(found) => break found,
                Err(error) => assert!(killed.elapsed() < Duration::from_secs(60), "{error:?}"),
            }
        };
        assert_eq!(found.expect("the session has survived").count().await.unwrap(), count);
    }
}
