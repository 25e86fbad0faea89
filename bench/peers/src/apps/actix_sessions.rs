//! actix-session, as its README has it: its defaults are secure, encrypted cookies.

use std::collections::HashMap;
use std::future::Future;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use actix_session::storage::{LoadError, RedisSessionStore, SaveError, SessionKey, SessionStore, UpdateError};
use actix_session::{Session, SessionMiddleware};
use actix_web::cookie::Key;
use actix_web::cookie::time::Duration;
use actix_web::test::init_service;
use actix_web::{Error, HttpServer, web};

use super::{App, actix, floors};
use crate::sample::{self, FULL, Item, SMALL, USER};

/// The application in this process.
pub(super) fn in_process() -> Box<dyn App> {
    actix::app(async {
        let sessions = SessionMiddleware::new(Memory::default(), Key::generate());
        init_service(actix_web::App::new().wrap(sessions).configure(routes)).await
    })
}

/// Serves the application over sessions in memory.
pub(crate) fn serve(listener: TcpListener) {
    actix::run(serve_over(listener, Memory::default()));
}

/// Serves the application over sessions in a Redis server.
pub(crate) fn serve_redis(listener: TcpListener, url: &str) {
    actix::run(async { serve_over(listener, RedisSessionStore::new(url).await.expect("a Redis server")).await });
}

async fn serve_over<S: SessionStore + Clone + Send + 'static>(listener: TcpListener, store: S) -> std::io::Result<()> {
    let key = Key::generate();
    let app = move || {
        let sessions = SessionMiddleware::new(store.clone(), key.clone());
        actix_web::App::new().wrap(sessions).configure(routes)
    };
    HttpServer::new(app).listen(listener)?.run().await
}

type Answer = Result<String, Error>;

/// The routes, for under the middleware.
pub(crate) fn routes(app: &mut web::ServiceConfig) {
    app.route("/none", web::get().to(async || "none"))
        .route("/read", web::get().to(read))
        .route("/set", web::post().to(set))
        .route("/update", web::post().to(update))
        .route("/login", web::post().to(login))
        .route("/visit", web::post().to(set))
        .route("/all", web::get().to(all))
        .route("/fill", web::post().to(async |session: Session| fill(&session, FULL)))
        .route("/fill-small", web::post().to(async |session: Session| fill(&session, SMALL)))
        .route("/visit-note", web::post().to(set_note))
        .route("/note", web::get().to(read_note))
        .route("/note", web::post().to(set_note));
}

async fn read(session: Session) -> Answer {
    Ok(session.get::<u64>("counter")?.unwrap_or_default().to_string())
}

async fn set(session: Session) -> Answer {
    let value = sample::fresh();
    session.insert("counter", value)?;
    Ok(value.to_string())
}

async fn update(session: Session) -> Answer {
    let value = session.get::<u64>("counter")?.unwrap_or_default() + 1;
    session.insert("counter", value)?;
    Ok(value.to_string())
}

async fn login(session: Session) -> Result<&'static str, Error> {
    session.renew();
    session.insert("user", USER)?;
    Ok("in")
}

async fn all(session: Session) -> Answer {
    let cart: Vec<Item> = session.get("cart")?.unwrap_or_default();
    Ok(sample::everything(session.get("user")?, session.get("counter")?.unwrap_or_default(), &cart))
}

fn fill(session: &Session, items: usize) -> Answer {
    session.insert("user", USER)?;
    session.insert("counter", 1)?;
    session.insert("cart", sample::cart(items))?;
    Ok("1".to_owned())
}

async fn set_note(session: Session) -> Answer {
    let note = sample::note();
    session.insert("note", &note)?;
    Ok(note.len().to_string())
}

async fn read_note(session: Session) -> Answer {
    Ok(session.get::<String>("note")?.unwrap_or_default().len().to_string())
}

type State = HashMap<String, String>;

/// The crate has no store in memory: this is the least that one could do, a map of what it is given.
#[derive(Clone, Default)]
pub(crate) struct Memory(Arc<Mutex<HashMap<String, State>>>);

impl Memory {
    fn put(&self, key: String, state: State) -> Result<SessionKey, anyhow::Error> {
        self.0.lock().expect("nothing panics with the lock").insert(key.clone(), state);
        Ok(key.try_into()?)
    }
}

impl SessionStore for Memory {
    fn load(&self, key: &SessionKey) -> impl Future<Output = Result<Option<State>, LoadError>> {
        let found = self.0.lock().expect("nothing panics with the lock").get(key.as_ref()).cloned();
        async { Ok(found) }
    }

    async fn save(&self, state: State, _: &Duration) -> Result<SessionKey, SaveError> {
        self.put(format!("{:032x}", floors::random()), state).map_err(SaveError::Other)
    }

    async fn update(&self, key: SessionKey, state: State, _: &Duration) -> Result<SessionKey, UpdateError> {
        self.put(key.as_ref().to_owned(), state).map_err(UpdateError::Other)
    }

    async fn update_ttl(&self, _: &SessionKey, _: &Duration) -> Result<(), anyhow::Error> {
        Ok(())
    }

    async fn delete(&self, key: &SessionKey) -> Result<(), anyhow::Error> {
        self.0.lock().expect("nothing panics with the lock").remove(key.as_ref());
        Ok(())
    }
}
