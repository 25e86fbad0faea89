//! Messages without rustc, and the whole expansion of one struct.

use std::time::Duration;

use crate::errors::Errors;
use crate::model::Model;
use crate::{duration, names};

/// What is said of this struct, in order.
fn messages(input: &str) -> Vec<String> {
    let mut errors = Errors::default();
    let input = syn::parse_str(input).expect("the test's struct is one");
    // Whatever is wrong, the code beside the errors can be read.
    format(crate::expand::expand(&Model::of(&input, &mut errors)));
    errors.messages()
}

/// What is said of a struct with these fields.
fn messages_of_fields(fields: &str) -> Vec<String> {
    messages(&format!("struct Shop {{ {fields} }}"))
}

fn format(code: proc_macro2::TokenStream) -> String {
    prettyplease::unparse(&syn::parse2(code).expect("generated code is Rust"))
}

/// The names of all functions, types and constants in the expansion.
fn generated_names(input: &str) -> Vec<String> {
    let code = format(crate::derive(input.parse().expect("the test's struct is Rust")));
    let words: Vec<&str> = code.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '#').collect();
    let named = words.windows(2).filter(|pair| ["fn", "const", "struct"].contains(&pair[0]));
    named.map(|pair| pair[1].to_owned()).collect()
}

mod a_correct_struct {
    use super::*;

    #[test]
    fn has_no_messages() {
        let fields = "
            #[session(rotate)] user: Option<u64>,
            #[session(ttl = \"15m\", lazy)] checkout: Option<String>,
            #[session(default = Theme::Dark)] theme: Theme,
            #[session(default)] count: u8,
            #[session(rename = \"h\", alias = \"a\", alias = \"b\")] history: Vec<u32>,";
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
    fn is_expanded_as_reviewed() {
        let input = include_str!("expected/shop.input.rs");
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/expected/shop.expanded.rs");
        let header =
            "// What `shop.input.rs` becomes. Written by `SESSION_DERIVE_BLESS=1 cargo test -p session-derive`.\n\n";
        let expansion = format!("{header}{}", format(crate::derive(input.parse().expect("Rust"))));
        if std::env::var_os("SESSION_DERIVE_BLESS").is_some() {
            std::fs::write(path, &expansion).expect("the expansion can be written");
        }
        let expected = std::fs::read_to_string(path).expect("the expansion was written once");
        assert_eq!(expansion, expected, "run with SESSION_DERIVE_BLESS=1 and read the difference");
    }
}

mod names_of_what_is_generated {
    use super::*;

    #[test]
    fn leave_out_what_is_no_part_of_the_word() {
        let names = generated_names("struct Shop { r#type: Option<u8>, _lead: Option<u8> }");
        for name in ["TYPE", "r#type", "set_type", "LEAD", "_lead", "take_lead"] {
            assert!(names.iter().any(|generated| generated == name), "{name} in {names:?}");
        }
    }

    #[test]
    fn keep_the_underscore_where_a_name_needs_it() {
        let names = generated_names("struct Shop { _0: Option<u8>, __: Option<u8> }");
        for name in ["_0", "set__0", "__", "set___"] {
            assert!(names.iter().any(|generated| generated == name), "{name} in {names:?}");
        }
    }

    #[test]
    fn do_not_meet_the_parameters_of_the_struct() {
        let names = format(crate::derive("struct Shop<R, const R_: u8> { last: Option<R> }".parse().expect("Rust")));
        assert!(names.contains("fn update_last<R__>"), "{names}");
    }
}

#[test]
fn the_path_of_the_runtime_is_the_one_that_is_given() {
    let input = include_str!("expected/shop.input.rs").replace("prefix", "crate = my::sessions, prefix");
    let code = format(crate::derive(input.parse().expect("Rust")));
    assert!(code.contains("my::sessions::Session"), "{code}");
    assert!(!code.contains("session_runtime"), "{code}");
}

mod messages_of_attributes {
    use super::*;

    #[track_caller]
    fn check(attribute: &str, message: &str) {
        assert_eq!(messages_of_fields(&format!("#[session({attribute})] field: u8, cart: u8")), [message]);
    }

    #[track_caller]
    fn check_on_struct(attribute: &str, message: &str) {
        assert_eq!(messages(&format!("#[session({attribute})] struct Shop {{ cart: u8 }}")), [message]);
    }

    #[test]
    fn unknown() {
        check("lzay", "unknown session attribute `lzay`; did you mean `lazy`?");
        check("TTL = \"1s\"", "unknown session attribute `TTL`; did you mean `ttl`?");
        check_on_struct("perfix = \"a\"", "unknown session attribute `perfix`; did you mean `prefix`?");
        check_on_struct("colour", "unknown session attribute `colour`; on a struct it can be `crate`, `prefix`");
        let [message] = &messages_of_fields("#[session(colour::red)] field: u8")[..] else { panic!("one message") };
        assert!(message.starts_with("unknown session attribute `colour::red`; on a field it can be `"), "{message}");
    }

    #[test]
    fn in_the_wrong_place() {
        check("prefix = \"a\"", "`prefix` belongs on a struct, not on a field");
        check_on_struct("lazy", "`lazy` belongs on a field, not on a struct");
    }

    #[test]
    fn twice() {
        check("lazy, lazy", "`lazy` is given twice; keep one");
        check("lazy, lazy = true", "`lazy` takes no value: write just `lazy`");
        check("default, default = 3", "`default` is given twice; keep one");
        check_on_struct("crate = a, crate = b", "`crate` is given twice; keep one");
    }

    #[test]
    fn without_value() {
        check("rename", "`rename` needs a value: `rename = \"key\"`");
        check("rename(\"a\")", "`rename` needs a value: `rename = \"key\"`");
        check("rename =, lazy", "`rename` needs a value: `rename = \"key\"`");
        check("alias", "`alias` needs a value: `alias = \"old_key\"`");
        check("ttl", "`ttl` needs a value: `ttl = \"15m\"`");
        check("default =", "`default` needs an expression, as in `default = 3`, or nothing: `default`");
        check_on_struct("crate", "`crate` needs a path: `crate = my_sessions`");
    }

    #[test]
    fn with_a_wrong_value() {
        check("rename = 3", "`rename` needs a string: `rename = \"key\"`");
        check("rename = \"\"", "`rename` must not be empty: `rename = \"key\"`");
        check("lazy = true", "`lazy` takes no value: write just `lazy`");
        check("rotate(yes)", "`rotate` takes no value: write just `rotate`");
        check_on_struct("crate = \"a\"", "`crate` needs a path: `crate = my_sessions`, without quotes");
    }

    #[test]
    fn without_a_comma() {
        check("lazy rotate", "expected a `,` before this");
        check("ttl = \"15m\" rotate", "expected a `,` before this");
    }

    #[test]
    fn together() {
        let said = messages_of_fields("#[session(lzay, ttl = 3, rename)] #[session(prefix)] field: u8");
        assert_eq!(said.len(), 4, "{said:?}");
    }
}

mod messages_of_fields {
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
    fn a_name_with_an_underscore_is_not_reserved() {
        assert_eq!(messages_of_fields("_token: u8"), [""; 0]);
    }

    #[test]
    fn a_default_beside_none() {
        let message =
            "an `Option` field is `None` when absent: remove `default`, or make the field's type the one inside";
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
}

mod messages_of_shapes {
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
        for strange in
            ["=", ",", "ttl = ,", "\"a\"", "1", "ttl ttl ttl", "a::b = 1", "default = fn", "crate", "ttl = \"1s\",,"]
        {
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
}

mod durations {
    use super::*;

    #[test]
    fn are_numbers_with_units() {
        for (text, seconds) in [
            ("30s", 30),
            ("15m", 15 * 60),
            ("12h", 12 * 3600),
            ("7d", 7 * 86400),
            ("2w", 14 * 86400),
            ("1h 30m", 5400),
            ("1h30m", 5400),
            (" 1 hour ", 3600),
            ("90 seconds", 90),
        ] {
            assert_eq!(duration::parse(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn say_what_is_wrong() {
        for (text, message) in [
            ("  ", "an empty duration: "),
            ("15", "a duration needs a unit: "),
            ("15q", "unknown unit `q`: use `s`, `m`, `h`, `d` or `w`"),
            ("15M", "unknown unit `M`: "),
            ("soon", "`soon` is not a duration: "),
            ("1.5h", "`1.5h` is not a duration: "),
            ("-1h", "`-1h` is not a duration: "),
            ("0s", "a duration of zero: "),
            ("0h 0m", "a duration of zero: "),
            ("101w 99999d", "`101w 99999d` is too long"),
            ("99999999999999999999w", "`99999999999999999999w` is too long"),
            ("18446744073709551615s 1s", "`18446744073709551615s 1s` is too long"),
        ] {
            let said = duration::parse(text).expect_err(text);
            assert!(said.starts_with(message), "{text}: {said}");
        }
    }
}

mod near_misses {
    use super::*;

    const KNOWN: &[&str] = &["default", "ttl", "lazy", "rotate", "rename", "alias"];

    #[test]
    fn are_one_slip_away_or_a_third_of_the_word() {
        for (written, meant) in [
            ("tll", "ttl"),
            ("tl", "ttl"),
            ("lasy", "lazy"),
            ("lzay", "lazy"),
            ("defalt", "default"),
            ("renmae", "rename"),
        ] {
            assert_eq!(names::similar(written, KNOWN), Some(meant), "{written}");
        }
    }

    #[test]
    fn are_not_made_up() {
        for written in ["", "x", "colour", "expires", "key"] {
            assert_eq!(names::similar(written, KNOWN), None, "{written}");
        }
    }
}
