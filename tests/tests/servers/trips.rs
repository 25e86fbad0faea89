//! What each operation costs on the wire: counted between the store and its server.

use std::future::Future;

use session_runtime::{
    MySqlStore, PostgresStore, RedisStore, Session, SessionData, SessionManager, Store, TableNames, Token,
};
use session_tests::{MariaDbServer, PostgresServer, RedisServer, Said, Wire, fresh_schema};

#[derive(SessionData)]
struct Shop {
    #[session(index, rotate)]
    user: Option<u64>,
    #[session(lazy)]
    cart: Vec<u8>,
    theme: String,
    count: u64,
}

/// The cart: 8 kB.
const CART: usize = 8000;

/// A session of a visitor, and the wire to where it is.
struct Visit<'w> {
    sessions: SessionManager<Shop>,
    wire: &'w Wire,
    token: Token,
}

impl<'w> Visit<'w> {
    async fn begin(store: impl Store, wire: &'w Wire) -> Self {
        let sessions = SessionManager::<Shop>::new(store);
        let session = sessions.start().buffered();
        session.set_cart(vec![7; CART]).await.unwrap();
        session.set_theme("dark".into()).await.unwrap();
        session.set_count(1).await.unwrap();
        session.commit().await.unwrap();
        let token = session.token().unwrap();
        // The first use of a session that was just begun is written down.
        sessions.open(&token).await.unwrap().unwrap();
        Self { sessions, wire, token }
    }

    /// What is said in a request that does this, when all statements are prepared.
    async fn costs<F, Fut>(&mut self, handler: F) -> Said
    where
        F: Fn(Session<Shop>) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = session_runtime::Result<()>> + Send,
    {
        let mut said = Vec::new();
        for _ in 0..TIMES {
            self.wire.said();
            self.request(handler.clone()).await;
            said.push(self.wire.said());
        }
        least(said)
    }

    /// The same, of a session that begins.
    async fn costs_to_begin(&self) -> Said {
        let mut said = Vec::new();
        for _ in 0..TIMES {
            let session = self.sessions.start();
            self.wire.said();
            session.set_count(1).await.unwrap();
            said.push(self.wire.said());
        }
        least(said)
    }

    async fn request<F, Fut>(&mut self, handler: F)
    where
        F: Fn(Session<Shop>) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = session_runtime::Result<()>> + Send,
    {
        use axum::http::{Request, header};
        use tower::ServiceExt as _;

        let routes = axum::Router::new().route("/", axum::routing::get(handler)).layer(self.sessions.layer());
        let cookie = format!("__Host-session={}", self.token);
        let request = Request::get("/").header(header::COOKIE, cookie).body(axum::body::Body::empty()).unwrap();
        let response = routes.oneshot(request).await.unwrap();
        assert_eq!(response.status(), 200);
        if let Some(cookie) = response.headers().get(header::SET_COOKIE) {
            let token = cookie.to_str().unwrap().split(['=', ';']).nth(1).unwrap();
            self.token = token.parse().unwrap_or(self.token);
        }
    }
}

/// How often each is tried: a pool checks its connections once a second, and may open another one, which prepares its statements.
const TIMES: usize = 4;

fn least(said: Vec<Said>) -> Said {
    said.into_iter().min_by_key(|said| (said.trips, said.sent + said.received)).expect("some")
}

/// `most_for_sign_in`: the most trips that a sign-in may take; its index entry is in the same one on SQL.
async fn costs(store: &str, visit: &mut Visit<'_>, most_for_sign_in: usize) -> Vec<(&'static str, Said)> {
    let nothing = visit.costs(|_| async { Ok(()) }).await;
    let read = visit.costs(|session| async move { session.count().await.map(drop) }).await;
    let read_lazy = visit.costs(|session| async move { session.cart().await.map(drop) }).await;
    let set = visit.costs(|session| async move { session.set_count(2).await }).await;
    let read_and_set = visit.costs(|session| async move {
        let count = session.count().await?;
        session.set_count(count + 1).await
    });
    let read_and_set = read_and_set.await;
    let update = visit.costs(|session| async move { session.update_count(|count| *count += 1).await }).await;
    let sign_in = visit.costs(|session| async move { session.set_user(7).await }).await;
    let begin = visit.costs_to_begin().await;
    let destroy = visit.costs(|session| async move { session.destroy().await }).await;

    let rows = [
        ("nothing", nothing, 0),
        ("read a field", read, 1),
        ("read a lazy field of 8 kB", read_lazy, 1),
        ("set a field", set, 1),
        ("read a field and set it", read_and_set, 2),
        ("update a field", update, 2),
        ("sign in", sign_in, most_for_sign_in),
        ("begin a session", begin, 1),
        ("destroy", destroy, 1),
    ];
    println!("| {store} | trips | bytes sent | bytes received |\n| --- | --- | --- | --- |");
    for (what, said, most) in rows {
        println!("| {what} | {} | {} | {} |", said.trips, said.sent, said.received);
        assert!(said.trips <= most, "{what}: {said:?}");
    }
    rows.map(|(what, said, _)| (what, said)).to_vec()
}

#[tokio::test]
#[cfg_attr(not(has_redis), ignore = "needs Redis: apt-get install redis-server")]
async fn redis_is_asked_no_more_often_than_promised_and_moves_what_is_used() {
    let server = RedisServer::start().await;
    let wire = Wire::to(&server.url()).await;
    let mut visit = Visit::begin(RedisStore::open(wire.url()).await.unwrap(), &wire).await;
    let costs = costs("Redis", &mut visit, 3).await;
    let bytes = |what| {
        let (_, said) = costs.iter().find(|(name, _)| *name == what).unwrap();
        said.sent + said.received
    };
    assert!(bytes("read a field") <= 400, "{costs:?}");
    assert!(bytes("set a field") <= 500, "{costs:?}");
}

#[tokio::test]
#[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install postgresql")]
async fn postgres_is_asked_no_more_often_than_promised() {
    let server = PostgresServer::shared().await;
    let wire = Wire::to(&server.url()).await;
    let names = TableNames::new().in_schema(&fresh_schema()).unwrap();
    let store = PostgresStore::open_named(wire.url(), &names).await.unwrap();
    costs("PostgreSQL", &mut Visit::begin(store, &wire).await, 1).await;
}

#[tokio::test]
#[cfg_attr(not(has_mariadb), ignore = "needs MariaDB: apt-get install mariadb-server")]
async fn mariadb_is_asked_no_more_often_than_promised() {
    let server = MariaDbServer::shared().await;
    let wire = Wire::to(&server.database(&fresh_schema()).await).await;
    let store = MySqlStore::open(wire.url()).await.unwrap();
    costs("MariaDB", &mut Visit::begin(store, &wire).await, 1).await;
}
