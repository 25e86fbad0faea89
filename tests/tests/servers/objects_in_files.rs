//! Objects in files.

use std::error::Error as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use session_runtime::record::{Basis, ChangeSet, Create, Epoch, Expiry, Guard, IndexChange, Outcome, Revision};
use session_runtime::record::{Select, SetField};
use session_runtime::{ObjectStore, SecretHash, SessionId, Store as _};
use tempfile::TempDir;

use crate::common::*;

async fn store() -> (ObjectStore, TempDir) {
    let dir = tempfile::tempdir().unwrap();
    (ObjectStore::open(dir.path()).await.unwrap(), dir)
}

fn session(dir: &TempDir, id: SessionId) -> PathBuf {
    dir.path().join("sessions").join(id.to_string())
}

/// All files but the locks.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let inside = |path: PathBuf| if path.is_dir() { files(&path) } else { vec![path] };
    entries.filter(|path| !path.ends_with("locks")).flat_map(inside).collect()
}

fn found_by(value: &str) -> ChangeSet {
    let index = vec![IndexChange { index: "user", value: Some(value.into()) }];
    ChangeSet { index, ..ChangeSet::new(Basis::Guard(Guard::Any)) }
}

fn in_seconds(seconds: u64) -> Option<SystemTime> {
    Some(SystemTime::now() + Duration::from_secs(seconds))
}

#[tokio::test]
async fn a_damaged_object_is_an_error_and_no_session_is_lost() {
    let (store, dir) = store().await;
    let (id, guard) = created(&store).await;
    store.commit(id, &change(guard), None).await.unwrap();
    let path = session(&dir, id);
    let whole = fs::read(&path).unwrap();
    let flipped = (0..whole.len()).map(|at| {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        bytes
    });
    let cut = (0..whole.len()).map(|length| whole[..length].to_vec());
    let longer = [[whole.as_slice(), b"1"].concat()];
    for damaged in flipped.chain(cut).chain(longer) {
        fs::write(&path, &damaged).unwrap();
        let failed = store.load(id, &[], None).await.expect_err("it is damaged");
        assert_eq!(failed.to_string(), "ObjectStore failed to load");
        assert!(told(&failed).contains(&id.to_string()), "{}", told(&failed));
        let failed = store.commit(id, &change(guard), None).await.expect_err("it is damaged");
        assert!(!failed.is_outcome_unknown(), "{failed}");
        store.destroy(id, guard, None).await.expect_err("it is damaged");
        assert_eq!(fs::read(&path).unwrap(), damaged, "nobody has touched it");
    }
    // It keeps nobody from sweeping the others.
    let other = ChangeSet::new(Basis::Create(create()));
    store.commit(SessionId::from_bytes([2; 16]), &other, None).await.unwrap();
    assert_eq!(store.sweep(10, in_seconds(60)).await.unwrap().len(), 1);
    fs::write(&path, &whole).unwrap();
    assert!(store.load(id, &[], None).await.unwrap().is_some());
    assert_eq!(store.sweep(10, in_seconds(2 * 24 * 3600)).await.unwrap().len(), 1);
}

/// One that can't be read at all keeps no other from being swept, of its hour or of a later one.
#[tokio::test]
async fn a_session_that_can_not_be_read_keeps_no_other() {
    let (store, dir) = store().await;
    let (id, _) = created(&store).await;
    fs::remove_file(session(&dir, id)).unwrap();
    fs::create_dir(session(&dir, id)).unwrap();
    for (id, minutes) in [(2, 1), (3, 300)] {
        let [idle, absolute] = [Duration::from_secs(60 * minutes); 2];
        let begins = ChangeSet::new(Basis::Create(Create { idle, absolute, ..create() }));
        store.commit(SessionId::from_bytes([id; 16]), &begins, None).await.unwrap();
    }
    assert_eq!(store.sweep(10, in_seconds(10 * 3600)).await.unwrap().len(), 2);
    store.sweep(10, in_seconds(10 * 3600)).await.expect_err("there is nothing else to tell");
}

#[tokio::test]
async fn an_object_of_a_later_version_says_so() {
    let (store, dir) = store().await;
    let (id, _) = created(&store).await;
    let mut bytes = fs::read(session(&dir, id)).unwrap();
    bytes[3] += 1;
    fs::write(session(&dir, id), bytes).unwrap();
    let failed = store.load(id, &[], None).await.expect_err("it is a later version's");
    assert!(told(&failed).contains("format 2; this program knows 1: update it"), "{}", told(&failed));
}

/// These bytes are in the files of version 1, for ever.
#[tokio::test]
async fn the_bytes_of_a_session_stay_the_same() {
    let (store, dir) = store().await;
    let id = SessionId::from_bytes([1; 16]);
    let create = Create {
        secret_hash: SecretHash::from_bytes([2; 32]),
        epoch: Epoch::from_bytes([3; 8]),
        idle: Duration::from_secs(60),
        absolute: Duration::from_secs(3600),
    };
    let field = |key, value: Option<&'static str>, revision, expiry| SetField {
        key,
        value: value.map(|value| value.as_bytes().into()),
        revision: Revision::from_bytes([revision; 8]),
        expiry,
    };
    let set = vec![
        field("cart", Some("tea"), 4, Expiry::Never),
        field("flash", None, 5, Expiry::After(Duration::from_millis(1500))),
    ];
    let now = UNIX_EPOCH + Duration::new(1_800_000_000, 250_000_000);
    let changes = ChangeSet { set, authenticated: true, ..ChangeSet::new(Basis::Create(create)) };
    store.commit(id, &changes, Some(now)).await.unwrap();
    let golden = include_bytes!("session.v1");
    assert_eq!(fs::read(session(&dir, id)).unwrap().escape_ascii().to_string(), golden.escape_ascii().to_string());

    fs::write(session(&dir, id), include_bytes!("session-ended.v1")).unwrap();
    assert!(store.load(id, &[], Some(now)).await.unwrap().is_none());
    assert_eq!(store.commit(id, &changes, Some(now)).await.unwrap(), Outcome::Gone);

    fs::write(session(&dir, id), include_bytes!("session-in-index.v1")).unwrap();
    let select = [Select { key: "cart", value: true }, Select { key: "flash", value: true }];
    let record = store.load(id, &select, Some(now)).await.unwrap().expect("the session is there");
    assert_eq!(record.fields[0].as_ref().unwrap().value.as_deref(), Some(b"tea".as_slice()));
    assert_eq!((record.meta.authenticated, record.fields[1].clone()), (Some(now), None));
    let previous = record.meta.previous.expect("a secret before");
    assert_eq!(previous.until, Some(now + Duration::from_secs(60)));
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_or_written_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("file"), "").unwrap();
    let failed = ObjectStore::open(dir.path().join("file")).await.expect_err("that is a file");
    assert_eq!(failed.to_string(), "ObjectStore failed to open");
    assert!(told(&failed).contains("file/locks"), "{}", told(&failed));
    // Where not even root may make one.
    ObjectStore::open("/proc/sessions").await.expect_err("there is no such folder");

    let (store, dir) = store().await;
    let (id, guard) = created(&store).await;
    fs::rename(dir.path().join("locks"), dir.path().join("elsewhere")).unwrap();
    let failed = store.commit(id, &change(guard), None).await.expect_err("it can't be locked");
    assert!(!failed.is_outcome_unknown() && failed.source().is_some(), "{}", told(&failed));
    fs::rename(dir.path().join("elsewhere"), dir.path().join("locks")).unwrap();
    assert!(matches!(store.commit(id, &change(guard), None).await.unwrap(), Outcome::Applied { .. }));
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_may_look_into_the_folder() {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = |folder: &Path| fs::metadata(folder).unwrap().permissions().mode() & 0o777;
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("in/it");
    ObjectStore::open(&folder).await.unwrap();
    assert_eq!(mode(&folder), 0o700);
    // One that is there already is the program's.
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    ObjectStore::open(dir.path()).await.unwrap();
    assert_eq!((mode(dir.path()), mode(&dir.path().join("sessions"))), (0o755, 0o700));
}

/// Another process that hangs in the middle of a commit.
#[tokio::test]
async fn a_lock_that_somebody_keeps_is_an_error_in_time() {
    let (store, dir) = store().await;
    let (id, guard) = created(&store).await;
    let locks: Vec<_> = (0..256)
        .map(|number| {
            let lock = File::create(dir.path().join(format!("locks/{number:02x}"))).unwrap();
            lock.lock().unwrap();
            lock
        })
        .collect();
    let impatient = store.clone().with_timeout(Duration::from_millis(100));
    let change = change(guard);
    let failed = impatient.commit(id, &change, None).await.expect_err("it is locked");
    assert!(told(&failed).contains("no answer within 100ms"), "{}", told(&failed));
    assert!(store.load(id, &[], None).await.unwrap().is_some(), "reading needs no lock");
    let waits = tokio::spawn(async move { store.commit(id, &change, None).await });
    tokio::task::yield_now().await;
    drop(locks);
    assert!(matches!(waits.await.unwrap().unwrap(), Outcome::Applied { .. }));
}

/// What a commit leaves behind that came to nothing, because its process died.
#[tokio::test]
async fn an_entry_that_its_session_does_not_know_is_not_found_and_taken_away() {
    let (store, dir) = store().await;
    let (id, _) = created(&store).await;
    store.commit(id, &found_by("ada"), None).await.unwrap();
    let index = dir.path().join("index");
    let [entry] = &*files(&index) else { panic!("there is one entry") };
    store.commit(id, &found_by("bob"), None).await.unwrap();
    assert!(!entry.exists());
    fs::create_dir_all(entry.parent().unwrap()).unwrap();
    fs::write(entry, "").unwrap();
    assert!(store.find("user", "ada", None).await.unwrap().is_empty());
    assert!(entry.exists(), "its commit may be under way");
    assert!(store.find("user", "ada", in_seconds(3602)).await.unwrap().is_empty());
    assert!(!entry.exists());
    assert_eq!(store.find("user", "bob", None).await.unwrap(), [id]);
    store.commit(id, &found_by("ada"), None).await.unwrap();
    assert_eq!(files(&index).len(), 1);
    assert!(!entry.exists(), "another one, which nobody takes out who is about to take out the first");
}
