use super::*;

#[test]
fn reserved_names() {
    for name in names::RESERVED {
        let message = format!(
            "a session has a method `{name}` already: rename the field, \
             and keep its key with `#[session(rename = \"{name}\")]`"
        );
        assert_eq!(messages_of_fields(&format!("{name}: u8")), [message]);
        assert_eq!(messages_of_fields(&format!("my_{name}: u8")), [""; 0]);
    }
}

#[test]
fn every_method_of_a_session_is_reserved() {
    let source = include_str!("../../../session-runtime/src/session/mod.rs").lines().map(str::trim);
    let functions = source.filter_map(|line| line.strip_prefix("pub async fn ").or(line.strip_prefix("pub fn ")));
    let methods: Vec<_> = functions.filter(|function| function.contains("self")).collect();
    assert!(methods.len() > 20, "{methods:?}");
    for method in methods {
        let name = method.split(['<', '(']).next().unwrap_or_default();
        assert!(names::RESERVED.contains(&name), "{name}");
    }
}

#[test]
fn a_name_with_an_underscore_is_not_reserved() {
    assert_eq!(messages_of_fields("_token: u8"), [""; 0]);
}

#[test]
fn a_default_beside_none() {
    let message = "an `Option` field is `None` when absent: remove `default`, or make the field's type the one inside";
    for ty in ["Option<u8>", "std::option::Option<u8>"] {
        assert_eq!(messages_of_fields(&format!("#[session(default = 3)] field: {ty}")), [message]);
    }
}

#[test]
fn the_same_key() {
    let message = "the key \"cart\" is that of the field `cart` too: keys must differ";
    assert_eq!(messages_of_fields("cart: u8, #[session(rename = \"cart\")] bag: u8"), [message]);
    assert_eq!(messages_of_fields("#[session(rename = \"cart\")] bag: u8, cart: u8"), [message]);
    assert_eq!(messages_of_fields("#[session(alias = \"cart\")] bag: u8, cart: u8"), [message]);
}

#[test]
fn an_alias_of_the_field_itself() {
    let message = "the field has the key \"cart\" already: remove this alias";
    assert_eq!(messages_of_fields("#[session(alias = \"cart\")] cart: u8"), [message]);
}

#[test]
fn prefixes_are_for_names_and_renames_only() {
    let aliased = |alias| {
        messages(&format!(
            "#[session(prefix = \"shop\")] struct Shop {{ cart: u8, #[session(alias = \"{alias}\")] bag: u8 }}"
        ))
    };
    assert_eq!(aliased("cart"), [""; 0]);
    assert_eq!(aliased("shop.cart"), ["the key \"shop.cart\" is that of the field `cart` too: keys must differ"]);
}

#[test]
fn the_same_generated_name() {
    assert_eq!(
        messages_of_fields("x: u8, set_x: u8"),
        ["`set_x` is generated for the field `x` too: rename one of the fields"]
    );
    assert_eq!(
        messages_of_fields("x: u8, X: u8"),
        ["`X` is generated for the field `x` too: rename one of the fields"]
    );
}

#[test]
fn borrowed_values() {
    let message = "a value that is read from a store can't borrow: use an owned type such as `String`";
    assert_eq!(messages_of_fields("name: &'static str"), [message]);
    assert_eq!(messages_of_fields("names: Vec<&'static str>"), [message]);
    assert_eq!(messages_of_fields("name: Cow<'static, str>"), [""; 0]);
}

#[test]
fn borrows_that_the_compiler_reports() {
    assert_eq!(messages_of_fields("name: &str, other: Cow<'_, str>"), [""; 0]);
}

#[test]
fn a_last_field_without_a_size() {
    let message = "a value of a session needs a size: use an owned type such as `String` or `Vec<T>`";
    for ty in ["str", "[String]", "dyn Debug", "(str)"] {
        assert_eq!(messages_of_fields(&format!("cart: Vec<String>, name: {ty}")), [message], "{ty}");
        // The compiler says it.
        assert_eq!(messages_of_fields(&format!("name: {ty}, cart: Vec<String>")), [""; 0], "{ty}");
        assert_eq!(messages_of_fields(&format!("cart: Vec<String>, name: Option<{ty}>")), [""; 0], "{ty}");
    }
}

#[test]
fn the_same_field_is_reported_by_the_compiler() {
    for second in ["cart: Option<u8>", "r#cart: u8", "#[session(flatten)] cart: Cart"] {
        assert_eq!(messages_of_fields(&format!("cart: u8, {second}")), [""; 0], "{second}");
    }
}
