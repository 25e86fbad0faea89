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
    for arms in ["(OldCart =>)", "(OldCart => , Older => f)", "(Older => f, OldCart =>)", "(OldCart => , version = 1)"]
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
    for arms in ["(_ => upgrade)", "(|old| old.into())", "(\"OldCart\" => f)", "(, A => f)", "(A => f,, B => g)", "(3)"]
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
    let model = Model::of(&input, &mut Errors::default()).expect("the struct has a size");
    let migrations: Vec<_> = model.fields().map(|field| (field.place, field.migrations.len(), field.lazy)).collect();
    assert_eq!(migrations, [(0, 0, true), (1, 1, false)]);
}
