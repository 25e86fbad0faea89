use super::*;

#[test]
fn has_no_messages() {
    let fields = "
        #[session(rotate)] user: Option<u64>,
        #[session(ttl = \"15m\", lazy)] checkout: Option<String>,
        #[session(default = Theme::Dark)] theme: Theme,
        #[session(default)] count: u8,
        #[session(rename = \"h\", alias = \"a\", alias = \"b\")] history: Vec<u32>,
        #[session(codec = \"json\", version = 4_294_967_295, on_mismatch = \"default\")] note: Option<Note>,
        #[session(codec = \"bincode\", version = 0x1, on_mismatch = \"error\")] other: Option<Note>,
        #[session(flatten)] auth: Auth,
        #[session(flatten)] #[deprecated] r#type: site::Tracking<u8>,";
    assert_eq!(messages_of_fields(fields), [""; 0]);
}

#[test]
fn may_have_no_fields() {
    assert_eq!(messages("struct Shop {}"), [""; 0]);
}

#[test]
fn may_have_any_expression_as_default() {
    for default in
        ["[1, 2]", "{ let a = 1; a }", "if x() { 1 } else { 2 }", "HashMap::<u8, u8>::new()", "vec![1, 2]", "-1"]
    {
        let fields = format!("#[session(default = {default}, lazy)] field: Type");
        assert_eq!(messages_of_fields(&fields), [""; 0], "{default}");
    }
}

#[test]
fn may_be_migrated_from_any_type_with_any_expression() {
    for arms in [
        "Old => upgrade",
        "Old => upgrade,",
        "Old => |old: Old| -> Cart { old.into() }, Older => Older::upgrade, version = 1",
        "HashMap<String, Vec<u8>> => |map| map.into_iter().collect::<Vec<_>>()",
        "(u8, String) => |(id, name)| Cart { id, name }, [u8; 4] => |_| Cart::new(), version = 1",
        "Other => upgrade, version = 1, Other => upgrade,",
        "version => f, Version<2> => f, version = 1, version::Old => f, r#type => f",
        "Cow<'static, str> => Cow::into_owned",
    ] {
        let fields = format!("#[session(migrate({arms}), lazy)] #[session(migrate(Last => f))] cart: Cart");
        assert_eq!(messages_of_fields(&fields), [""; 0], "{arms}");
    }
}

#[test]
fn is_expanded_as_reviewed() {
    check_expansion("shop", include_str!("../expected/shop.input.rs"));
    check_expansion("composed", include_str!("../expected/composed.input.rs"));
}

#[track_caller]
fn check_expansion(name: &str, input: &str) {
    let path = format!("{}/src/expected/{name}.expanded.rs", env!("CARGO_MANIFEST_DIR"));
    let written = "Written by `SESSION_DERIVE_BLESS=1 cargo test -p session-derive`.";
    let code = format(crate::derive(input.parse().expect("Rust")));
    let expansion = format!("// What `{name}.input.rs` becomes. {written}\n\n{code}");
    if std::env::var_os("SESSION_DERIVE_BLESS").is_some() {
        std::fs::write(&path, &expansion).expect("the expansion can be written");
    }
    let expected = std::fs::read_to_string(path).expect("the expansion was written once");
    assert_eq!(expansion, expected, "run with SESSION_DERIVE_BLESS=1 and read the difference");
}
