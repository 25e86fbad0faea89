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
