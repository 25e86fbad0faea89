use super::*;

const KNOWN: &[&str] = &["default", "ttl", "lazy", "index", "rotate", "rename", "alias"];

#[test]
fn are_one_slip_away_or_a_third_of_the_word() {
    for (written, meant) in
        [("tll", "ttl"), ("tl", "ttl"), ("lasy", "lazy"), ("lzay", "lazy"), ("defalt", "default"), ("renmae", "rename")]
    {
        assert_eq!(names::similar(written, KNOWN), Some(meant), "{written}");
    }
}

#[test]
fn are_not_made_up() {
    for written in ["", "x", "colour", "expires", "key"] {
        assert_eq!(names::similar(written, KNOWN), None, "{written}");
    }
}
