use super::*;

#[track_caller]
fn where_clause_of(field: &str) -> String {
    let input = syn::parse_str(&format!("struct Shop<T, const N: usize> {{ {field} }}")).expect("Rust");
    let mut errors = Errors::default();
    let model = Model::of(&input, &mut errors).expect("the struct has a size");
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
