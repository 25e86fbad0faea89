/// The parameter of the setter for a field of this type, in a struct with these parameters.
#[track_caller]
fn written(parameters: &str, ty: &str) -> String {
    let input = format!("struct Shop{parameters} {{ undo: {ty} }}");
    let code = crate::derive(input.parse().expect("the test's struct is Rust")).to_string().replace(' ', "");
    let after = code.split_once("set_undo(&self,value:").expect("there is a setter").1;
    after.split_once(")->").expect("the setter returns something").0.to_owned()
}

#[test]
fn is_named_instead_of_self() {
    for (ty, named) in [
        ("Vec<Self>", "Vec<Shop>"),
        ("Option<Box<Self>>", "Box<Shop>"),
        ("HashMap<Key<Self>, (u8, Self)>", "HashMap<Key<Shop>,(u8,Shop)>"),
        ("<Self as Undo>::Step", "<ShopasUndo>::Step"),
        ("[u8; Self::STEPS]", "[u8;<Shop>::STEPS]"),
        ("[u8; { 2 * Self::STEPS }]", "[u8;{2*<Shop>::STEPS}]"),
        ("Vec<MySelf>", "Vec<MySelf>"),
    ] {
        assert_eq!(written("", ty), named, "{ty}");
    }
}

#[test]
fn has_the_parameters_of_the_struct() {
    for (ty, named) in [
        ("Vec<Self>", "Vec<Shop<T,N>>"),
        ("<Self as Undo>::Step", "<Shop<T,N>asUndo>::Step"),
        ("Vec<Self::Step>", "Vec<<Shop<T,N>>::Step>"),
    ] {
        assert_eq!(written("<T: Clone, const N: usize = 3>", ty), named, "{ty}");
    }
}

#[test]
fn is_named_in_bounds_and_in_old_types() {
    let input = "struct Shop<T: Of<Self>> where Vec<Self>: Clone, Self: 'static { #[session(migrate(Box<Self> => f))] undo: Vec<T> }";
    let code = crate::derive(input.parse().expect("Rust")).to_string().replace(' ', "");
    for bound in ["T:Of<Shop<T>>", "Vec<Shop<T>>:Clone", "Shop<T>:'static", "forBox<Shop<T>>"] {
        assert!(code.contains(bound), "{bound} in {code}");
    }
}
