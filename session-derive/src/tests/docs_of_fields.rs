use super::*;

/// How often the accessors of a field with this doc say this.
#[track_caller]
fn times(doc: &str, said: &str) -> usize {
    let code = format(crate::derive(format!("struct Shop {{ {doc} cart: Vec<u8> }}").parse().expect("Rust")));
    code.matches(said).count()
}

#[test]
fn are_with_the_getter_as_a_whole() {
    for doc in [
        "/// What is bought.\n///\n/// More of it.\n/// Much more.\n///\n/// ```\n/// more();\n/// ```\n",
        "/** What is bought.\n\nMore of it.\nMuch more.\n\n```\nmore();\n```\n*/",
        "/**\n * What is bought.\n *\n * More of it.\n * Much more.\n *\n * ```\n * more();\n * ```\n */",
    ] {
        for (said, expected) in [("What is bought.", 6), ("More of it.", 1), ("Much more.", 1), ("more();", 1)] {
            assert_eq!(times(doc, said), expected, "{said} in {doc}");
        }
    }
}

#[test]
fn have_all_lines_of_the_first_paragraph_everywhere() {
    let doc = "/// What is\n/// bought.\n///\n/// More.\n";
    assert_eq!((times(doc, "/// What is\n"), times(doc, "/// bought.\n")), (6, 6));
}

#[test]
fn have_examples_once_without_an_empty_line_too() {
    for fence in ["```", "~~~"] {
        let after_text = format!("/// What is bought.\n/// {fence}\n/// example();\n/// {fence}\n");
        assert_eq!((times(&after_text, "What is"), times(&after_text, "example();")), (6, 1), "{fence}");
        let alone = format!("/// {fence}\n/// example();\n/// {fence}\n/// More.\n");
        assert_eq!((times(&alone, "example();"), times(&alone, "More.")), (1, 1), "{fence}");
    }
}

#[test]
fn have_the_links_of_the_first_paragraph_everywhere() {
    let doc =
        "/// As in [RFC 6265][rfc].\n///\n/// ```\n/// [a]: b\n/// ```\n///\n/// More.\n///\n/// [rfc]: https://rfc\n";
    for (said, expected) in [("As in", 6), ("https://rfc", 6), ("[a]: b", 1), ("More.", 1)] {
        assert_eq!(times(doc, said), expected, "{said}");
    }
}

#[test]
fn that_are_no_text_are_with_all() {
    assert_eq!(times("/// What is bought.\n///\n/// More.\n#[doc(hidden)]", "doc(hidden)"), 6);
    assert_eq!(times("#[doc = include_str!(\"cart.md\")]", "cart.md"), 1);
}
