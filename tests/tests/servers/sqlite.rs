//! What is SQLite's own.

use std::sync::Arc;

use session_runtime::record::{Basis, ChangeSet, Expiry, Revision, Select, SetField};
use session_runtime::{SessionId, SqliteStore, Store, TableNames};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};

use crate::common::*;

#[tokio::test]
async fn a_database_in_utf_16_is_refused_with_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let options = SqliteConnectOptions::new().filename(dir.path().join("old.db")).create_if_missing(true);
    let pool = SqlitePool::connect_with(options.pragma("encoding", "'UTF-16'")).await.unwrap();
    sqlx::raw_sql("CREATE TABLE theirs (name TEXT)").execute(&pool).await.unwrap();

    let wanted = "encoding is UTF-16le, and session data needs UTF-8: keep sessions in a file of their own, by `open`";
    let made = told(&SqliteStore::from_pool(pool.clone()).await.unwrap_err());
    assert!(made.contains(wanted), "{made}");
    let found = told(&SqliteStore::from_migrated_pool(pool, &TableNames::new()).await.unwrap_err());
    assert!(found.contains(wanted), "{found}");
}

/// A load's answer is one text: no name and no value may end what it is in.
#[tokio::test]
async fn fields_are_told_apart_whatever_is_in_them() {
    const FIELDS: [(&str, &[u8]); 7] = [
        ("", b"no name"),
        (",", b",,,"),
        ("1,2,", b"\0\0"),
        ("cart", b""),
        ("cart_total", b"cart\x001,,4,cart"),
        ("größe", &[0xff, 0xfe, 0, b',']),
        ("total", b"7,"),
    ];
    let store = SqliteStore::open(":memory:").await.unwrap();
    let set = FIELDS.map(|(key, value)| SetField {
        key,
        value: Some(Arc::from(value)),
        revision: Revision::random(),
        expiry: Expiry::Never,
    });
    let id = SessionId::from_bytes([1; 16]);
    let begins = ChangeSet { set: set.to_vec(), ..ChangeSet::new(Basis::Create(create())) };
    store.commit(id, &begins, None).await.unwrap();

    for wanted in 0..FIELDS.len() {
        let select: Vec<_> =
            FIELDS.iter().enumerate().map(|(at, (key, _))| Select { key, value: at == wanted }).collect();
        let loaded = store.load(id, &select, None).await.unwrap().unwrap().fields;
        for (at, (field, written)) in loaded.iter().zip(&set).enumerate() {
            let field = field.as_ref().unwrap();
            assert_eq!(field.revision, written.revision);
            assert_eq!(field.value, if at == wanted { written.value.clone() } else { None }, "{:?}", written.key);
        }
    }
}
