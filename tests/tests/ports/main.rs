//! The session tests of Astro and of tower-sessions, written anew for this library: what their users rely on, ours can
//! too.
//!
//! Each test is named after the case it takes over; a table at the top of each file lists all cases of the source.
//! Where our rule differs on purpose, the test asserts ours, and its comment says so after "Ours".
#![allow(clippy::unwrap_used, reason = "in a test a panic is a failure")]

#[macro_use]
mod support;
mod astro;
mod astro_app;
mod tower_sessions;
