use super::*;

#[test]
fn that_have_other_attributes() {
    for attribute in [
        "default",
        "default = 3",
        "ttl = \"15m\"",
        "lazy",
        "index",
        "rotate",
        "codec = \"json\"",
        "version = 2",
        "migrate(Old => f, Older => g)",
        "on_mismatch = \"error\"",
    ] {
        let name = attribute.split([' ', '(']).next().expect("a name");
        let message = format!("`{name}` can't be given for a whole slice: say it on the slice's own fields");
        assert_eq!(messages_of_fields(&format!("#[session({attribute}, flatten)] auth: Auth")), [message.as_str()]);
        assert_eq!(messages_of_fields(&format!("#[session(flaten, {attribute})] auth: Auth"))[1..], [message]);
    }
}

#[test]
fn that_have_keys() {
    for name in ["rename", "alias"] {
        let message = format!("a slice keeps its own keys: say `{name}` on the slice's own fields");
        assert_eq!(messages_of_fields(&format!("#[session(flatten, {name} = \"a\")] auth: Auth")), [message]);
    }
}

#[test]
fn one_for_each_attribute() {
    let attributes = "alias = \"a\", alias = \"b\", flatten, migrate(A => f), ttl = \"1x\", migrate(B => f)";
    let said = messages_of_fields(&format!("#[session({attributes})] #[session(lazy)] auth: Auth"));
    assert_eq!(said.len(), 6, "{said:?}");
}

#[test]
fn that_may_be_missing() {
    for (ty, message) in [
        ("Option<Auth>", "a slice is always there: write `auth: Auth`"),
        ("std::option::Option<site::Auth<u8>>", "a slice is always there: write `auth: site::Auth<u8>`"),
    ] {
        assert_eq!(messages_of_fields(&format!("#[session(flatten)] auth: {ty}")), [message]);
    }
}

#[test]
fn that_borrow() {
    let message = "a value that is read from a store can't borrow: use an owned type such as `String`";
    assert_eq!(messages_of_fields("#[session(flatten)] auth: &'static Auth"), [message]);
}

#[test]
fn that_are_there_twice() {
    let message = "the field `auth` is this slice already: a session has each slice once";
    assert_eq!(messages_of_fields("#[session(flatten)] auth: Auth, #[session(flatten)] login: Auth"), [message]);
    let other = "#[session(flatten)] auth: Auth<u8>, #[session(flatten)] login: Auth<u16>";
    assert_eq!(messages_of_fields(other), [""; 0]);
}

#[test]
fn that_have_the_name_of_a_method() {
    let message = "a session has a method `token` already: rename the field";
    assert_eq!(messages_of_fields("#[session(flatten)] token: Token"), [message]);
}

#[test]
fn that_have_a_generated_name() {
    let message = "`set_x` is generated for the field `x` too: rename one of the fields";
    assert_eq!(messages_of_fields("x: u8, #[session(flatten)] set_x: Auth"), [message]);
    let message = "`set_x` is generated for the field `set_x` too: rename one of the fields";
    assert_eq!(messages_of_fields("#[session(flatten)] set_x: Auth, x: u8"), [message]);
    assert_eq!(messages_of_fields("x: u8, #[session(flatten)] X_: Auth"), [""; 0]);
    assert_eq!(messages_of_fields("#[session(flatten)] auth: Auth, AUTH: u8, set_auth: u8"), [""; 0]);
}

#[test]
fn keep_their_accessors_beside_an_error() {
    for field in [
        "#[session(flaten)] auth: Auth",
        "#[session(flatten = 1)] auth: Auth",
        "#[session(flatten)] auth: Option<Auth>",
    ] {
        let code = format(crate::derive(format!("struct Shop {{ {field}, cart: u8 }}").parse().expect("Rust")));
        assert!(code.contains("fn auth("), "{code}");
        assert!(code.contains("fn set_cart("), "{code}");
        assert!(code.contains("compile_error!"), "{code}");
        assert!(!code.contains("assert_distinct_keys"), "{code}");
    }
}
