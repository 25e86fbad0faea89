use super::*;

#[test]
fn what_is_no_struct_with_names() {
    for (shape, message) in [
        ("struct Shop(u8);", "session fields need names: write a struct with a named field for each value"),
        ("struct Shop;", "a session needs fields: write a struct with a named field for each value"),
        ("enum Shop { A }", "`SessionData` is for structs: write a struct with a named field for each value"),
        ("union Shop { a: u8 }", "`SessionData` is for structs: write a struct with a named field for each value"),
    ] {
        assert_eq!(messages(shape), [message]);
    }
}

#[test]
fn lifetimes_are_one_mistake() {
    assert_eq!(
        messages("struct Shop<'a, 'b> { a: &'a str, b: Cow<'b, str>, cart: u8 }"),
        ["session data outlives the request, so it can't borrow: use owned types such as `String`"]
    );
}

#[test]
fn strange_attributes_are_errors_and_no_panics() {
    for strange in [
        "=",
        ",",
        "ttl = ,",
        "\"a\"",
        "1",
        "ttl ttl ttl",
        "a::b = 1",
        "default = fn",
        "crate",
        "ttl = \"1s\",,",
        "version = fn",
        "migrate(,)",
        "migrate(=)",
        "migrate(=>)",
        "migrate(=> =>)",
        "migrate(A => => f)",
        "migrate(version => , version version)",
        "migrate(Vec<A, B)",
        "migrate(<)",
    ] {
        let said = messages_of_fields(&format!("#[session({strange})] field: u8"));
        assert!(!said.is_empty(), "{strange}");
    }
    for strange in ["", "= 3", "[]", "{}"] {
        messages_of_fields(&format!("#[session{strange}] field: u8"));
    }
    for ty in
        ["!", "()", "[u8; N]", "dyn Fn(&u8) -> u8", "impl Copy", "<A as B>::C", "Option<u8, u8>", "Option", "m!()"]
    {
        messages_of_fields(&format!("field: {ty}"));
    }
}

#[test]
fn what_is_not_rust_is_an_error_too() {
    let code = crate::derive(quote::quote!(
        fn shop() {}
    ))
    .to_string();
    assert!(code.contains("compile_error"), "{code}");
}
