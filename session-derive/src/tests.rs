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
        check_expansion("shop", include_str!("expected/shop.input.rs"));
        check_expansion("composed", include_str!("expected/composed.input.rs"));
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
        assert!(names.contains("fn update_last<'s, R__:"), "{names}");
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
        check("indx", "unknown session attribute `indx`; did you mean `index`?");
        check("TTL = \"1s\"", "unknown session attribute `TTL`; did you mean `ttl`?");
        check("code = \"json\"", "unknown session attribute `code`; did you mean `codec`?");
        check("versoin = 2", "unknown session attribute `versoin`; did you mean `version`?");
        check("migrat(Old => f, B => g)", "unknown session attribute `migrat`; did you mean `migrate`?");
        check("on_missmatch = \"error\"", "unknown session attribute `on_missmatch`; did you mean `on_mismatch`?");
        check("flaten", "unknown session attribute `flaten`; did you mean `flatten`?");
        check_on_struct("perfix = \"a\"", "unknown session attribute `perfix`; did you mean `prefix`?");
        check_on_struct("colour", "unknown session attribute `colour`; on a struct it can be `crate`, `prefix`");
        let [message] = &messages_of_fields("#[session(colour::red)] field: u8")[..] else { panic!("one message") };
        assert!(message.starts_with("unknown session attribute `colour::red`; on a field it can be `"), "{message}");
    }

    #[test]
    fn in_the_wrong_place() {
        check("prefix = \"a\"", "`prefix` belongs on a struct, not on a field");
        for attribute in [
            "lazy",
            "index",
            "codec = \"json\"",
            "version = 2",
            "migrate(Old => f)",
            "on_mismatch = \"error\"",
            "flatten",
        ] {
            let name = attribute.split([' ', '(']).next().expect("a name");
            check_on_struct(attribute, &format!("`{name}` belongs on a field, not on a struct"));
        }
    }

    #[test]
    fn twice() {
        check("lazy, lazy", "`lazy` is given twice; keep one");
        check("index, rotate, index", "`index` is given twice; keep one");
        check("lazy, lazy = true", "`lazy` takes no value: write just `lazy`");
        check("default, default = 3", "`default` is given twice; keep one");
        check("codec = \"json\", codec = \"json\"", "`codec` is given twice; keep one");
        check("version = 2, version = 3", "`version` is given twice; keep one");
        check("on_mismatch = \"error\", on_mismatch = \"default\"", "`on_mismatch` is given twice; keep one");
        check("flatten, flatten", "`flatten` is given twice; keep one");
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
        check("codec", "`codec` needs a value: `codec = \"json\"`");
        check("on_mismatch =", "`on_mismatch` needs a value: `on_mismatch = \"default\"`");
        check_on_struct("crate", "`crate` needs a path: `crate = my_sessions`");
    }

    #[test]
    fn with_a_wrong_value() {
        check("rename = 3", "`rename` needs a string: `rename = \"key\"`");
        check("rename = \"\"", "`rename` must not be empty: `rename = \"key\"`");
        check("lazy = true", "`lazy` takes no value: write just `lazy`");
        check("index(user)", "`index` takes no value: write just `index`");
        check("rotate(yes)", "`rotate` takes no value: write just `rotate`");
        check("flatten = true", "`flatten` takes no value: write just `flatten`");
        check("codec = json", "`codec` needs a string: `codec = \"json\"`");
        check("codec = \"\"", "`codec` must not be empty: `codec = \"json\"`");
        check_on_struct("crate = \"a\"", "`crate` needs a path: `crate = my_sessions`, without quotes");
    }

    #[test]
    fn with_an_unknown_word() {
        check("codec = \"jsno\"", "unknown codec `\"jsno\"`; did you mean `\"json\"`?");
        check("codec = \"JSON\"", "unknown codec `\"JSON\"`; did you mean `\"json\"`?");
        check("codec = \"xml\"", "unknown codec `\"xml\"`; it can be `\"bincode\"` or `\"json\"`");
        check("on_mismatch = \"eror\"", "unknown on_mismatch `\"eror\"`; did you mean `\"error\"`?");
        check("on_mismatch = \"drop\"", "unknown on_mismatch `\"drop\"`; it can be `\"default\"` or `\"error\"`");
    }

    #[test]
    fn with_a_wrong_number() {
        const NEEDS: &str = "`version` needs a whole number from 1, as in `version = 2`";
        for value in
            ["", " =", "(2)", " = 0", " = -1", " = 1.0", " = \"2\"", " = '2'", " = CURRENT", " = true", " = 1 + 1"]
        {
            check(&format!("version{value}"), NEEDS);
        }
        check("version = 2u32", &format!("{NEEDS}, without `u32`"));
        let too_large = |number| format!("`{number}` is too large: the last `version` is 4294967295");
        check("version = 4294967296", &too_large("4294967296"));
        check(
            "version = 99999999999999999999999999999999999999999",
            &too_large("99999999999999999999999999999999999999999"),
        );
    }

    #[test]
    fn without_a_comma() {
        check("lazy rotate", "expected a `,` before this");
        check("ttl = \"15m\" rotate", "expected a `,` before this");
        check("migrate(Old => f) lazy", "expected a `,` before this");
        check("version = 2 lazy", "expected a `,` before this");
    }

    #[test]
    fn together() {
        let said = messages_of_fields("#[session(lzay, ttl = 3, rename)] #[session(prefix)] field: u8");
        assert_eq!(said.len(), 4, "{said:?}");
        let fields = "
            #[session(codec = 3, version = 0, migrate(A => , => f, B, C), on_mismatch, flaten)] field: u8,
            #[session(flatten, ttl = \"1h\")] id: Option<Id>,
            #[session(version = 2, migrat(A => f))] cart: Vec<u8>";
        let said = messages_of_fields(fields);
        assert_eq!(said.len(), 6 + 3 + 1 + 1, "{said:#?}");
    }
}

mod messages_of_migrations {
    use super::*;

    #[track_caller]
    fn check(arms: &str, messages: &[&str]) {
        assert_eq!(messages_of_fields(&format!("#[session(migrate{arms}, lazy)] cart: Cart, other: u8")), messages);
    }

    #[test]
    fn without_parentheses_or_without_anything_inside() {
        let needs = "`migrate` needs a type that the field had, and a function: `migrate(OldCart => upgrade)`";
        for arms in ["", "()", " = upgrade", " OldCart => upgrade", "[OldCart => upgrade]", "{}"] {
            check(arms, &[needs]);
        }
    }

    #[test]
    fn without_an_arrow() {
        let needs = "expected `=>` and a function after the old type: `migrate(OldCart => upgrade)`";
        for arms in [
            "(upgrade)",
            "(OldCart, upgrade)",
            "(OldCart = upgrade)",
            "(OldCart -> upgrade)",
            "(OldCart: upgrade)",
            "(HashMap<u8, u8>)",
            "(OldCart upgrade, Older => f)",
            "(Older => f, OldCart)",
            "(Older => f, Version, OldCart)",
        ] {
            check(arms, &[needs]);
        }
        check("(A = f, B = g)", &[needs, needs]);
    }

    #[test]
    fn without_a_function() {
        let needs = "expected a function after this: `migrate(OldCart => upgrade)`";
        for arms in
            ["(OldCart =>)", "(OldCart => , Older => f)", "(Older => f, OldCart =>)", "(OldCart => , version = 1)"]
        {
            check(arms, &[needs]);
        }
        check("(A => , B => )", &[needs, needs]);
    }

    #[test]
    fn without_a_type() {
        check("(=> upgrade)", &["expected the old type before this: `migrate(OldCart => upgrade)`"]);
        check("(=> f, B => g)", &["expected the old type before this: `migrate(OldCart => upgrade)`"]);
        let needs = "expected a type that the field had: `migrate(OldCart => upgrade)`";
        for arms in
            ["(_ => upgrade)", "(|old| old.into())", "(\"OldCart\" => f)", "(, A => f)", "(A => f,, B => g)", "(3)"]
        {
            check(arms, &[needs]);
        }
    }

    #[test]
    fn without_a_comma() {
        check("(A => f B => g)", &["expected a `,` before this"]);
        check("(A => f version = 1)", &["expected a `,` before this"]);
        check("(A => f, version = 1 B => g)", &["expected a `,` before this"]);
    }

    #[test]
    fn with_what_is_no_expression() {
        check("(A => fn, B => g)", &["expected an expression"]);
    }

    #[test]
    fn with_a_wrong_version() {
        const NEEDS: &str = "`version` needs a whole number from 1, as in `version = 2`";
        for version in ["version", "version =", "version = 0", "version = \"1\"", "version = -1", "version = v"] {
            check(&format!("(A => f, {version})"), &[NEEDS]);
            check(&format!("(A => f, {version}, B => g)"), &[NEEDS]);
        }
        check("(A => f, version = 1u8)", &[&format!("{NEEDS}, without `u8`")]);
        check("(A => f, version = 4294967296)", &["`4294967296` is too large: the last `version` is 4294967295"]);
    }

    #[test]
    fn with_a_version_in_the_wrong_place() {
        let needs = "`version` belongs after what it is for: `migrate(OldCart => upgrade, version = 1)`";
        check("(version = 1, A => f)", &[needs]);
        check("(version = 1)", &[needs]);
        check("(A => f, versoin = 1)", &["unknown `versoin` in `migrate`; did you mean `version`?"]);
        check("(A => f, version = 1, version = 2)", &["`version` is given twice for one type; keep one"]);
    }

    #[test]
    fn of_borrowed_types() {
        let message = "a value that is read from a store can't borrow: use an owned type such as `String`";
        for ty in ["&'static str", "&str", "Vec<&str>", "Cow<'_, str>"] {
            check(&format!("({ty} => f)"), &[message]);
        }
    }

    #[test]
    fn leave_a_field_without_migrations() {
        let fields = "
            #[session(migrate(A => f, B =>), migrate(C => g), lazy, lazy)] cart: Cart,
            #[session(migrate(A => f))] bag: Bag";
        let input = syn::parse_str(&format!("struct Shop {{ {fields} }}")).expect("Rust");
        let model = Model::of(&input, &mut Errors::default());
        let migrations: Vec<_> =
            model.fields().map(|field| (field.place, field.migrations.len(), field.lazy)).collect();
        assert_eq!(migrations, [(0, 0, true), (1, 1, false)]);
    }
}

mod messages_of_slices {
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
}

mod bounds {
    use super::*;

    #[track_caller]
    fn where_clause_of(field: &str) -> String {
        let input = syn::parse_str(&format!("struct Shop<T, const N: usize> {{ {field} }}")).expect("Rust");
        let mut errors = Errors::default();
        let model = Model::of(&input, &mut errors);
        assert_eq!(errors.messages(), [""; 0]);
        let clause = model.generics.where_clause.as_ref();
        clause.map(|clause| quote::quote!(#clause).to_string().replace(' ', "")).unwrap_or_default()
    }

    #[test]
    fn are_asked_of_what_depends_on_a_parameter() {
        const KRATE: &str = "::session_runtime::";
        for (field, clause) in [
            ("last: Option<T>", format!("whereT:{KRATE}Value")),
            ("all: Vec<T>", format!("whereVec<T>:{KRATE}Value,Vec<T>:{KRATE}__private::HasDefault")),
            ("#[session(flatten)] auth: Auth<T>", format!("whereAuth<T>:{KRATE}SessionData")),
            ("#[session(flatten)] auth: Auth<N>", String::new()),
            ("#[session(migrate(Old<T> => f, Older => g))] last: Option<u8>", format!("whereOld<T>:{KRATE}Value")),
        ] {
            assert_eq!(where_clause_of(field), clause, "{field}");
        }
    }

    #[test]
    fn keys_are_compared_where_every_parameter_has_a_type() {
        for (parameters, compared) in [("", true), ("<T>", false), ("<const N: usize>", false)] {
            let input = format!("struct Shop{parameters} {{ #[session(flatten)] auth: Auth }}");
            let code = format(crate::derive(input.parse().expect("Rust")));
            assert_eq!(code.contains("assert_distinct_keys"), compared, "{parameters}");
        }
        let code = format(crate::derive("struct Shop { cart: u8 }".parse().expect("Rust")));
        assert!(!code.contains("assert_distinct_keys"), "{code}");
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

    const KNOWN: &[&str] = &["default", "ttl", "lazy", "index", "rotate", "rename", "alias"];

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
