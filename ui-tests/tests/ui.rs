//! Programs that must and must not compile, and what the compiler says of them: one rule per file, named by it.
//!
//! `TRYBUILD=overwrite cargo test -p session-ui-tests` writes the messages anew: read the difference before you keep it.

#[rustversion::attr(not(stable(1.95)), ignore = "messages are compared on Rust 1.95")]
#[test]
fn messages() {
    let cases = trybuild::TestCases::new();
    cases.pass("pass/*.rs");
    cases.compile_fail("fail/*/*.rs");
}
