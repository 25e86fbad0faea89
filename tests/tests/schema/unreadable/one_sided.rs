use super::*;

#[tokio::test]
async fn a_field_with_two_names_is_refused() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Item {
        #[serde(rename(serialize = "title", deserialize = "name"))]
        name: String,
    }

    is_refused(Item { name: "tea".into() }, &["the field `title`", REMEDY]).await;
    // JSON can't help either, and says so.
    is_refused_in_json(Item { name: "tea".into() }).await;
}

#[tokio::test]
async fn a_variant_with_two_names_is_refused() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Status {
        #[serde(rename(serialize = "open", deserialize = "Open"))]
        Open,
        Paid,
    }

    is_refused(Status::Open, &["the variant `open`", REMEDY]).await;
    works(Status::Paid).await;
    is_refused_in_json(Status::Open).await;
    works_in_json(Status::Paid).await;
}

#[tokio::test]
async fn a_second_name_that_is_read_makes_it_whole() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Item {
        #[serde(rename(serialize = "title", deserialize = "name"), alias = "title")]
        name: String,
    }

    works(Item { name: "tea".into() }).await;
    works_in_json(Item { name: "tea".into() }).await;
}

/// Is written as one type and read as another.
macro_rules! one_sided {
    ($name:ident, $write:expr, $read:ty) => {
        #[derive(Clone, Debug, PartialEq)]
        struct $name;

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $write.serialize(serializer)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <$read>::deserialize(deserializer).map(|_| Self)
            }
        }
    };
}

/// In bincode they would be read as something, and what comes after them as something else.
#[tokio::test]
async fn a_type_that_is_written_as_another_than_it_is_read_is_refused() {
    one_sided!(NumberAsNumber, 7_u32, u64);
    one_sided!(NumberAsText, "7", u64);
    one_sided!(TextAsNumber, 7_u64, String);
    one_sided!(ListAsTuple, vec![7_u8], (u8,));
    one_sided!(TupleAsList, (1_u8, 2_u8), Vec<u8>);
    one_sided!(LongerTuple, (1_u8, 2_u8), (u8, u8, u8));
    one_sided!(ShorterTuple, (1_u8, 2_u8), (u8,));
    one_sided!(ValueAsOption, 7_u8, Option<u8>);
    one_sided!(OptionAsValue, Some(7_u8), u8);
    one_sided!(MapAsStruct, BTreeMap::from([("width", 7_u32)]), Size);
    one_sided!(StructAsMap, Size { width: 7 }, BTreeMap<String, u32>);
    one_sided!(Nothing, (), u8);
    one_sided!(Something, 7_u8, ());
    one_sided!(OtherVariant, Result::<u8, u8>::Ok(7), Result<u16, u8>);

    is_refused(NumberAsNumber, &["u32", REMEDY]).await;
    is_refused(NumberAsText, &["str", REMEDY]).await;
    is_refused(TextAsNumber, &["u64", REMEDY]).await;
    is_refused(ListAsTuple, &["a list", REMEDY]).await;
    is_refused(TupleAsList, &["a tuple of 2", REMEDY]).await;
    is_refused(LongerTuple, &["a tuple of 2", REMEDY]).await;
    is_refused(ShorterTuple, &["a tuple of 2", REMEDY]).await;
    is_refused(ValueAsOption, &["u8", REMEDY]).await;
    is_refused(OptionAsValue, &["an `Option`", REMEDY]).await;
    is_refused(MapAsStruct, &["a map", REMEDY]).await;
    is_refused(StructAsMap, &["a struct", REMEDY]).await;
    is_refused(Nothing, &["nothing", REMEDY]).await;
    is_refused(Something, &["u8", REMEDY]).await;
    is_refused(OtherVariant, &["u8", REMEDY]).await;
    is_refused(BTreeMap::from([(1_u8, vec![Some(NumberAsText)])]), &["str", REMEDY]).await;
    // JSON reads some of them, and refuses the others when they are set.
    works_in_json(NumberAsNumber).await;
    works_in_json(ListAsTuple).await;
    works_in_json(TupleAsList).await;
    works_in_json(ValueAsOption).await;
    works_in_json(OptionAsValue).await;
    works_in_json(MapAsStruct).await;
    works_in_json(StructAsMap).await;
    is_refused_in_json(NumberAsText).await;
    is_refused_in_json(TextAsNumber).await;
    is_refused_in_json(LongerTuple).await;
    is_refused_in_json(Nothing).await;
}

/// bincode writes first how many there are, and believes it: `{ids: [1], next: [0]}` of which one is left out would be read as
/// `{ids: [1, 1], next: []}`.
#[tokio::test]
async fn a_list_or_a_map_of_another_length_than_it_says_is_refused() {
    use serde::ser::{SerializeMap as _, SerializeSeq as _};

    /// Writes those that are not zero.
    fn shown<S: Serializer>(list: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        let mut elements = serializer.serialize_seq(Some(list.len()))?;
        list.iter().filter(|element| **element > 0).try_for_each(|element| elements.serialize_element(element))?;
        elements.end()
    }

    /// Writes each twice.
    fn twice<S: Serializer>(map: &BTreeMap<u8, u8>, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entries = serializer.serialize_map(Some(map.len()))?;
        map.iter().chain(map).try_for_each(|(key, value)| entries.serialize_entry(key, value))?;
        entries.end()
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Lists {
        #[serde(serialize_with = "shown")]
        ids: Vec<u8>,
        next: Vec<u8>,
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Maps {
        #[serde(serialize_with = "twice")]
        map: BTreeMap<u8, u8>,
    }

    is_refused(Lists { ids: vec![1, 0], next: vec![0] }, &["fewer elements than it says"]).await;
    works(Lists { ids: vec![1, 2], next: vec![0] }).await;
    is_refused(Maps { map: BTreeMap::from([(1, 2)]) }, &["more elements than it says"]).await;
    works(Maps { map: BTreeMap::new() }).await;
}

/// bincode has fields by their places and variants by their numbers.
#[tokio::test]
async fn what_reads_by_names_only_is_refused() {
    #[derive(Clone, Debug, PartialEq, Serialize)]
    struct Point {
        x: u32,
        y: u32,
    }

    impl<'de> Deserialize<'de> for Point {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct ByName;

            impl<'de> Visitor<'de> for ByName {
                type Value = Point;

                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("a point")
                }

                fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Point, A::Error> {
                    let mut point = Point { x: 0, y: 0 };
                    while let Some(key) = map.next_key::<String>()? {
                        match key.as_str() {
                            "x" => point.x = map.next_value()?,
                            "y" => point.y = map.next_value()?,
                            other => return Err(de::Error::unknown_field(other, &["x", "y"])),
                        }
                    }
                    Ok(point)
                }
            }

            deserializer.deserialize_struct("Point", &["x", "y"], ByName)
        }
    }

    #[derive(Clone, Debug, PartialEq, Serialize)]
    enum State {
        Open,
        Paid(u8),
    }

    impl<'de> Deserialize<'de> for State {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            use de::VariantAccess as _;

            struct ByName;

            impl<'de> Visitor<'de> for ByName {
                type Value = State;

                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("a state")
                }

                fn visit_enum<A: de::EnumAccess<'de>>(self, data: A) -> Result<State, A::Error> {
                    let (name, content) = data.variant::<String>()?;
                    match name.as_str() {
                        "Open" => content.unit_variant().map(|()| State::Open),
                        "Paid" => content.newtype_variant().map(State::Paid),
                        other => Err(de::Error::unknown_variant(other, &["Open", "Paid"])),
                    }
                }
            }

            deserializer.deserialize_enum("State", &["Open", "Paid"], ByName)
        }
    }

    is_refused(Point { x: 1, y: 2 }, &["by their names only", REMEDY]).await;
    works_in_json(Point { x: 1, y: 2 }).await;
    is_refused(vec![State::Open, State::Paid(7)], &["by their names only", REMEDY]).await;
    works_in_json(vec![State::Open, State::Paid(7)]).await;
}
