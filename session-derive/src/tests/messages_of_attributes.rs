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
    for attribute in
        ["lazy", "index", "codec = \"json\"", "version = 2", "migrate(Old => f)", "on_mismatch = \"error\"", "flatten"]
    {
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
    check("rename = \"a\\0b\"", "`rename` must be without NUL, which databases don't take: `rename = \"key\"`");
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
    for value in ["", " =", "(2)", " = 0", " = -1", " = 1.0", " = \"2\"", " = '2'", " = CURRENT", " = true", " = 1 + 1"]
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
