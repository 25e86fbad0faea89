use super::*;

#[tokio::test]
async fn a_number_that_json_has_not_is_refused() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Point {
        x: f64,
        y: f32,
    }

    is_refused_in_json(f64::NAN).await;
    is_refused_in_json(f64::INFINITY).await;
    is_refused_in_json(vec![1.0, f32::NAN]).await;
    is_refused_in_json(Point { x: 1.0, y: f32::NEG_INFINITY }).await;
    works_in_json(Point { x: -0.5, y: f32::MAX }).await;
}

/// To the last bit: a reader that is only nearly exact gives another number for about one in ten.
#[tokio::test]
async fn a_floating_number_is_read_as_it_was() {
    works_in_json((31.245270191439438, 1.0044444444444443, 5e-324, f64::MAX, -0.0)).await;
    // Spread over all exponents, the same in each run.
    let bits = (0..20_000_u64).map(|number| number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    works_in_json(bits.map(f64::from_bits).filter(|number| number.is_finite()).collect::<Vec<_>>()).await;
}

#[tokio::test]
async fn a_key_that_is_no_text_is_refused() {
    #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
    struct Place {
        row: u8,
    }

    is_refused_in_json(HashMap::from([((1, 2), 7)])).await;
    is_refused_in_json(HashMap::from([(vec![1], 7)])).await;
    is_refused_in_json(HashMap::from([(Place { row: 1 }, 7)])).await;
    is_refused_in_json(HashMap::from([((), 7)])).await;
    works(HashMap::from([((1, 2), 7)])).await;
    works(HashMap::from([(Place { row: 1 }, 7)])).await;
}

#[tokio::test]
async fn a_key_that_can_be_a_text_is_one() {
    #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
    enum Size {
        Small,
        Large,
    }

    #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
    struct Id(i64);

    works_in_json(HashMap::from([(u64::MAX, 7)])).await;
    works_in_json(HashMap::from([(i8::MIN, 7)])).await;
    works_in_json(HashMap::from([('a', 7)])).await;
    works_in_json(HashMap::from([(true, 7)])).await;
    works_in_json(HashMap::from([(Id(-7), 7)])).await;
    works_in_json(HashMap::from([(Size::Small, 7), (Size::Large, 8)])).await;
    works_in_json(HashMap::from([(uuid::Uuid::from_u128(7), 7)])).await;
}

/// Of types that contain maps from themselves.
#[tokio::test]
async fn a_key_may_be_of_a_type_further_out() {
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    enum Rule {
        Always,
        Never,
        By(BTreeMap<Key, u8>),
    }

    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    struct Key(Box<Rule>);

    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    enum Maybe {
        Always,
        By(BTreeMap<Option<Box<Maybe>>, u8>),
    }

    let by = |rule| Rule::By(BTreeMap::from([(Key(Box::new(rule)), 1)]));
    works_in_json(vec![by(Rule::Always), by(Rule::Never)]).await;
    is_refused_in_json(by(by(Rule::Always))).await;
    works_in_json(Maybe::By(BTreeMap::from([(Some(Box::new(Maybe::Always)), 1)]))).await;
}

#[tokio::test]
async fn large_numbers_where_only_the_value_tells_are_refused() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Id {
        Number(u128),
        Text(String),
    }

    is_refused_in_json(Id::Number(u128::MAX)).await;
    works_in_json(Id::Text("7".into())).await;
}

/// The error says that it can't be read back, not what the value was.
#[tokio::test]
async fn the_error_does_not_quote_the_value() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(try_from = "String", into = "String")]
    struct Picky(String);

    impl TryFrom<String> for Picky {
        type Error = String;

        fn try_from(text: String) -> Result<Self, String> {
            Err(format!("{text:?} is never right"))
        }
    }

    impl From<Picky> for String {
        fn from(picky: Picky) -> Self {
            picky.0
        }
    }

    let session = Stored::new().await.open::<KeptAsJson<Picky>>().await;
    let error = session.set_value(Picky("confidential".into())).await.unwrap_err();
    assert!(text(&error).contains("can't be read back"), "{}", text(&error));
    assert!(!format!("{error:?} {}", text(&error)).contains("confidential"));
    // bincode finds out when it reads, and says as little.
    let stored = Stored::new().await;
    stored.open::<Kept<Picky>>().await.set_value(Picky("confidential".into())).await.unwrap();
    let error = stored.open::<Kept<Picky>>().await.value().await.unwrap_err();
    assert!(matches!(error, SessionError::Decode { field: "value", .. }), "{error:?}");
    assert!(!format!("{error:?} {}", text(&error)).contains("confidential"));
}
