#!/usr/bin/env python3
"""What `#[derive(SessionData)]` costs the compiler, beside serde's derives: prints one table in Markdown.

    python3 bench/compile/measure.py [--runs 5] [--keep FOLDER]

Nothing but Python and cargo is needed. `README.md` says what is measured, and how.
"""

import argparse
import os
import pathlib
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SIZES = [10, 50, 200]
LIMIT_MS, LIMIT_FIELDS = 150, 50

# One in ten of each; `{n}` numbers the nested types, so that they are as many as they would be in a program.
TYPES = [
    ("", "u64"),
    ("", "String"),
    ("", "Option<u32>"),
    ("ttl = \"15m\"", "Vec<String>"),
    ("", "HashMap<String, u32>"),
    ("", "Nested{n}"),
    ("", "Kind{n}"),
    ("default = true", "bool"),
    ("lazy", "Option<Nested{n}>"),
    ("", "Vec<Kind{n}>"),
]

NESTED = """
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Nested{n} {{
    pub id: u64,
    pub name: String,
    pub price: Option<f64>,
    pub tags: Vec<String>,
}}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub enum Kind{n} {{
    #[default]
    Unit,
    Newtype(u32),
    Struct {{ name: String, size: u16 }},
}}
"""


# The crates.


def field_types(fields):
    for at in range(fields):
        attribute, ty = TYPES[at % len(TYPES)]
        yield f"field_{at}", attribute, ty.format(n=at // len(TYPES))


def library(fields, with_session):
    derives = "Serialize, Deserialize" + (", SessionData" if with_session else "")
    lines = ["#![allow(dead_code)]", "use std::collections::HashMap;", "use serde::{Deserialize, Serialize};"]
    if with_session:
        lines.append("use session_runtime::SessionData;")
    lines += [NESTED.format(n=n) for n in range((fields + len(TYPES) - 1) // len(TYPES))]
    lines += [f"#[derive({derives})]", "pub struct Data {"]
    for name, attribute, ty in field_types(fields):
        lines.append(f"    /// What a visitor has of `{name}`.")
        if attribute and with_session:
            lines.append(f"    #[session({attribute})]")
        lines.append(f"    pub {name}: {ty},")
    return "\n".join(lines + ["}", ""])


def program(fields):
    """Reads, sets and updates each field, each in a function of its own, as handlers would."""
    lines = [
        library(fields, True),
        "use session_runtime::{MemoryStore, Result, Session, SessionManager};",
        "use std::{pin::pin, task::{Context, Waker}};",
    ]
    for name, _, _ in field_types(fields):
        lines.append(
            f"async fn use_{name}(session: &Session<Data>) -> Result<()> {{\n"
            f"    drop(session.{name}().await?);\n"
            f"    session.set_{name}(Default::default()).await?;\n"
            f"    session.update_{name}(|value| drop(std::mem::take(value))).await\n"
            f"}}"
        )
    lines += ["fn main() {", "    let session = SessionManager::<Data>::new(MemoryStore::new()).start();"]
    for name, _, _ in field_types(fields):
        lines.append(f"    let _ = pin!(use_{name}(&session)).poll(&mut Context::from_waker(Waker::noop()));")
    return "\n".join(lines + ["}", ""])


def serde_program(fields):
    """What the same values cost a program that writes and reads them as one JSON text."""
    return library(fields, False) + (
        "fn main() {\n"
        "    let data: Data = serde_json::from_str(&std::env::args().next().unwrap_or_default()).expect(\"JSON\");\n"
        "    println!(\"{}\", serde_json::to_string(&data).expect(\"JSON\"));\n"
        "}\n"
    )


def crates():
    for fields in SIZES:
        yield f"serde_{fields}", "lib.rs", library(fields, False)
        yield f"session_{fields}", "lib.rs", library(fields, True)
        yield f"serde_program_{fields}", "main.rs", serde_program(fields)
        yield f"session_program_{fields}", "main.rs", program(fields)


def generate(folder):
    members = []
    for name, file, source in crates():
        crate = folder / name
        (crate / "src").mkdir(parents=True, exist_ok=True)
        (crate / "src" / file).write_text(source)
        (crate / "Cargo.toml").write_text(
            f'[package]\nname = "{name}"\nversion = "0.0.0"\nedition = "2024"\n\n[dependencies]\n'
            'serde = { version = "1", features = ["derive"] }\nserde_json = "1"\n'
            f'session-runtime = {{ path = "{ROOT / "session-runtime"}", default-features = false }}\n'
        )
        members.append(f'"{name}"')
    (folder / "Cargo.toml").write_text(f'[workspace]\nresolver = "3"\nmembers = [{", ".join(members)}]\n')
    # The versions that the project is tested with.
    (folder / "Cargo.lock").write_text((ROOT / "Cargo.lock").read_text())


# Measuring.


class Cargo:
    def __init__(self, folder, target):
        self.folder = folder
        self.environment = os.environ | {"CARGO_INCREMENTAL": "0", "CARGO_TARGET_DIR": str(target)}
        for variable in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "RUSTC_WRAPPER"]:
            self.environment.pop(variable, None)

    def run(self, *arguments, **environment):
        command = ["cargo", *arguments]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment | environment, capture_output=True, text=True
        )
        if done.returncode:
            sys.exit(f"{' '.join(command)}\n{done.stderr}")
        return done.stdout + done.stderr

    def touch(self, crate):
        for file in (self.folder / crate / "src").iterdir():
            file.touch()

    def timed(self, crate, *arguments):
        """Wall-clock and processor time of one command, in milliseconds, after the crate was touched."""
        self.touch(crate)
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        self.run(*arguments, "--quiet", "--offline", "-p", crate)
        wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return wall * 1000, processor * 1000


def alternate(runs, measurements):
    """The results of each measurement, taken in turns: whatever else the machine does meets all alike."""
    results = {name: [] for name in measurements}
    for _ in range(runs + 1):
        for name, measure in measurements.items():
            results[name].append(measure())
    # The first round warms up.
    return {name: values[1:] for name, values in results.items()}


def medians(results):
    return {name: [statistics.median(column) for column in zip(*values)] for name, values in results.items()}


def time_command(cargo, runs, names, *arguments):
    return medians(alternate(runs, {name: lambda name=name: cargo.timed(name, *arguments) for name in names}))


def expansion_ms(cargo, crate):
    """The compiler's own time for the pass that expands all macros of the crate: serde's derives and ours."""
    cargo.touch(crate)
    arguments = ["rustc", "--offline", "--profile", "check", "-p", crate, "--lib", "--", "-Ztime-passes"]
    told = cargo.run(*arguments, RUSTC_BOOTSTRAP="1")
    return [float(re.search(r"time:\s+([\d.]+).*\smacro_expand_crate$", told, re.MULTILINE)[1]) * 1000]


def ir_lines(cargo, crate):
    """Lines of LLVM IR of an unoptimised build, without debug information."""
    cargo.touch(crate)
    flags = ["--emit=llvm-ir", "-Ccodegen-units=1", "-Cdebuginfo=0"]
    cargo.run("rustc", "--offline", "-p", crate, "--", *flags)
    files = pathlib.Path(cargo.environment["CARGO_TARGET_DIR"]).glob(f"debug/deps/{crate}-*.ll")
    newest = max(files, key=lambda file: file.stat().st_mtime)
    return sum(1 for line in newest.open() if line.strip())


def names(prefix):
    return [f"{prefix}_{fields}" for fields in SIZES]


def measure(folder, runs):
    cargo = Cargo(folder, folder / "target")
    cargo.run("check", "--workspace")
    cargo.run("build", "--workspace")
    libraries = names("serde") + names("session")
    programs = names("serde_program") + names("session_program")
    check = time_command(cargo, runs, libraries, "check")
    build = time_command(cargo, runs, libraries + programs, "build")
    ir = {name: ir_lines(cargo, name) for name in libraries + programs}
    # Elsewhere: build scripts look at RUSTC_BOOTSTRAP, and would build everything anew each time.
    bootstrap = Cargo(folder, folder / "target-bootstrap")
    expansions = alternate(runs, {name: lambda name=name: expansion_ms(bootstrap, name) for name in libraries})
    # So short that the least says more than the median.
    expand = {name: min(values) for name, values in expansions.items()}
    return check, expand, build, ir


# The table.


def milliseconds(value):
    return f"{value:,.0f} ms"


def table(check, expand, build, ir):
    rows = [["", *(f"{fields} fields" for fields in SIZES)]]

    def row(title, value):
        rows.append([title, *(value(fields) for fields in SIZES)])

    def both(title, results, show, serde="serde", session="session"):
        row(f"{title}, serde", lambda fields: show(results[f"{serde}_{fields}"]))
        row(f"{title}, serde and `SessionData`", lambda fields: show(results[f"{session}_{fields}"]))

    def difference(title, results, column):
        row(title, lambda fields: "**" + milliseconds(
            results[f"session_{fields}"][column] - results[f"serde_{fields}"][column]) + "**")

    both("`cargo check`", check, lambda result: milliseconds(result[0]))
    difference("difference", check, 0)
    difference("difference in processor time", check, 1)
    both("macro expansion", expand, lambda result: milliseconds(result[0]))
    difference("difference", expand, 0)
    both("debug build of the library", build, lambda result: milliseconds(result[0]))
    difference("difference", build, 0)
    programs = {"serde": "serde_program", "session": "session_program"}
    row("debug build of a program, serde", lambda fields: milliseconds(build[f"serde_program_{fields}"][0]))
    row("debug build of a program, `SessionData`", lambda fields: milliseconds(build[f"session_program_{fields}"][0]))
    both("lines of LLVM IR, library", ir, lambda lines: f"{lines:,}")
    row("lines of LLVM IR, program, serde", lambda fields: f"{ir[f'serde_program_{fields}']:,}")
    row("lines of LLVM IR, program, `SessionData`", lambda fields: f"{ir[f'session_program_{fields}']:,}")
    row("per field and accessor", lambda fields: f"{ir[f'session_program_{fields}'] // fields // 3:,}")

    lines = ["| " + " | ".join(cells) + " |" for cells in rows]
    lines.insert(1, "| --- |" + " ---: |" * len(SIZES))
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5, help="measurements of each kind, of which the median counts")
    parser.add_argument("--keep", type=pathlib.Path, help="where to generate and build, to be kept")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (arguments.keep or pathlib.Path(temporary)).resolve()
        generate(folder)
        check, expand, build, ir = measure(folder, arguments.runs)
    print(table(check, expand, build, ir))
    cost = check[f"session_{LIMIT_FIELDS}"][0] - check[f"serde_{LIMIT_FIELDS}"][0]
    verdict = "met" if cost < LIMIT_MS else "NOT MET"
    print(f"\n{LIMIT_FIELDS} fields cost {cost:.0f} ms of `cargo check`; less than {LIMIT_MS} ms are required: {verdict}.")


if __name__ == "__main__":
    main()
