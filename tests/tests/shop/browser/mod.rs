//! The shop in Chromium, with two profiles.

mod driver;
mod security;
mod steps;
mod visit;
