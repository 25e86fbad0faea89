//! Objects as files of this machine.
//!
//! Not by way of OpenDAL: its `fs` service can't write on the condition that a file is unchanged, and writes in place, where a reader or a death in the
//! middle finds half of an object. A file is written beside its place, put on disk and renamed, under a lock that the
//! system takes from a process that dies.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::RwLock;

use super::objects::{MAX_BYTES, Object, ObjectError, Objects};
use crate::pause;

/// How many locks share all objects. Part of what processes must agree on: never to be changed.
const LOCKS: usize = 256;

/// How long at most to wait before asking for a lock again that another process has.
const RETRY_MICROS: u64 = 5_000;

/// How often a folder is made again that another process has just taken away because it was empty.
const TRIES: usize = 16;

#[derive(Debug)]
pub(super) struct Files {
    root: PathBuf,
    /// Those of this process wait here first, in turn. Whoever reads waits for what is being written: also for a write whose
    /// caller has gone away, so that it is not overtaken.
    turns: Vec<Arc<RwLock<()>>>,
}

impl Files {
    /// In this folder, which is made if it is not there.
    pub(super) async fn open(root: PathBuf) -> Result<Self, ObjectError> {
        // Wherever the program goes to after this.
        let root = std::path::absolute(&root).map_err(at(&root))?;
        let files = Self { root, turns: (0..LOCKS).map(|_| Arc::default()).collect() };
        let (locks, sessions) = (files.root.join("locks"), files.root.join("sessions"));
        blocking(move || {
            make_folder(&locks).map_err(at(&locks))?;
            make_folder(&sessions).map_err(at(&sessions))?;
            // A file system without locks is found out now.
            let first = locks.join("00");
            lock(&first).map_err(at(&first)).map(drop)
        })
        .await?;
        Ok(files)
    }

    fn path(&self, object: &str) -> PathBuf {
        // Names are made of what every file system takes as it is, and `/` between folders.
        object.split('/').fold(self.root.clone(), |path, part| path.join(part))
    }
}

#[async_trait]
impl Objects for Files {
    async fn get(&self, object: &str) -> Result<Option<Object>, ObjectError> {
        let turn = Arc::clone(&self.turns[lock_of(object)]).read_owned().await;
        let (path, object) = (self.path(object), object.to_owned());
        blocking(move || {
            let _turn = turn;
            let content = read(&path).map_err(at(&path))?;
            match content {
                Some(content) if content.len() > MAX_BYTES => Err(ObjectError::TooLarge { object }),
                content => Ok(content.map(|content| Object { content: content.into(), metadata: None })),
            }
        })
        .await
    }

    async fn put(&self, object: &str, content: Bytes, seen: Option<&Object>) -> Result<bool, ObjectError> {
        let number = lock_of(object);
        let (path, guard) = (self.path(object), self.path(&format!("locks/{number:02x}")));
        let seen = seen.map(|object| object.content.clone());
        loop {
            let turn = Arc::clone(&self.turns[number]).write_owned().await;
            let (path, guard, content, seen) = (path.clone(), guard.clone(), content.clone(), seen.clone());
            let swap = move || {
                let _turn = turn;
                let Some(_lock) = lock(&guard).map_err(at(&guard))? else { return Ok(None) };
                swap(&path, &guard.with_extension("new"), &content, seen.as_deref()).map(Some)
            };
            if let Some(swapped) = blocking(swap).await? {
                return Ok(swapped);
            }
            // Not waited for inside: nothing could end that wait.
            tokio::time::sleep(pause::at_random(RETRY_MICROS)).await;
        }
    }

    async fn mark(&self, object: &str) -> Result<(), ObjectError> {
        let path = self.path(object);
        blocking(move || touch(&path).map_err(at(&path))).await
    }

    async fn delete(&self, object: &str) -> Result<(), ObjectError> {
        let path = self.path(object);
        blocking(move || remove(&path).map_err(at(&path))).await
    }

    async fn list(&self, folder: &str, most: usize) -> Result<Vec<String>, ObjectError> {
        let path = self.path(folder.trim_end_matches('/'));
        blocking(move || names(&path, most).map_err(at(&path))).await
    }
}

/// Which lock the object has, in every process and version.
fn lock_of(object: &str) -> usize {
    usize::from(object.bytes().fold(0_u8, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte)))
}

/// Off the threads that others wait for. To its end, also when its caller goes away.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ObjectError> + Send + 'static,
) -> Result<T, ObjectError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(ObjectError::Cancelled),
        },
    }
}

fn at(path: &Path) -> impl Fn(io::Error) -> ObjectError {
    move |source| ObjectError::File { path: path.to_owned(), source }
}

/// The lock, until it is dropped; `None` while another process has it.
fn lock(path: &Path) -> io::Result<Option<File>> {
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Writes the file if it has what was seen. The lock is held: nobody else does, and the place beside is ours, whatever a
/// process that died has left there.
fn swap(path: &Path, beside: &Path, content: &[u8], seen: Option<&[u8]>) -> Result<bool, ObjectError> {
    if read(path).map_err(at(path))?.as_deref() != seen {
        return Ok(false);
    }
    let write = || {
        let mut file = File::create(beside)?;
        file.write_all(content)?;
        file.sync_all()
    };
    write().map_err(at(beside))?;
    fs::rename(beside, path).map_err(at(path))?;
    sync_folder_of(path).map_err(|source| ObjectError::NotOnDisk { path: path.to_owned(), source })?;
    Ok(true)
}

/// What is in the file, as far as it may have something.
fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    let mut content = Vec::new();
    file.take(MAX_BYTES as u64 + 1).read_to_end(&mut content)?;
    Ok(Some(content))
}

fn touch(path: &Path) -> io::Result<()> {
    for _ in 0..TRIES {
        make_folder(folder_of(path))?;
        match File::create(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            made => return made.and_then(|_| sync_folder_of(path)),
        }
    }
    Err(ErrorKind::NotFound.into())
}

/// Deletes the file, and its folder if it was the last one in there and such folders come and go.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let folder = folder_of(path);
    if !folder.ends_with("sessions") {
        // It may have others in it.
        let _ = fs::remove_dir(folder);
    }
    Ok(())
}

fn names(folder: &Path, most: usize) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry?;
        let end = match entry.file_type() {
            // Gone since it was listed.
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            kind => {
                if kind?.is_dir() {
                    "/"
                } else {
                    ""
                }
            }
        };
        names.push(entry.file_name().to_string_lossy().into_owned() + end);
    }
    // As services list them: what is due first is among the first.
    names.sort_unstable();
    names.truncate(most);
    Ok(names)
}

/// Makes a folder that nobody else may look into, and those it is in.
fn make_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    make_folder(folder_of(path))?;
    match private_folder().create(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        made => made.and_then(|()| sync_folder_of(path)),
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(unix)]
fn private_folder() -> DirBuilder {
    use std::os::unix::fs::DirBuilderExt as _;

    let mut builder = DirBuilder::new();
    builder.mode(0o700);
    builder
}

#[cfg(not(unix))]
fn private_folder() -> DirBuilder {
    DirBuilder::new()
}

/// Has the name of a file that was made or renamed on disk.
#[cfg(unix)]
fn sync_folder_of(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

/// Elsewhere a folder can't be opened for that.
#[cfg(not(unix))]
fn sync_folder_of(_path: &Path) -> io::Result<()> {
    Ok(())
}
