use super::*;

#[tokio::test]
async fn second_names_of_fields_and_variants_are_read() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Item {
        #[serde(alias = "title", alias = "Name")]
        name: String,
        count: u8,
        #[serde(alias = "a", rename = "zz")]
        kind: Kind,
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Kind {
        #[serde(alias = "Loose", alias = "aaa")]
        Leaf(u8),
        Bag,
        #[serde(alias = "tin", rename = "can")]
        Tin {
            #[serde(alias = "of")]
            metal: String,
        },
    }

    for kind in [Kind::Leaf(7), Kind::Bag, Kind::Tin { metal: "steel".into() }] {
        let item = Item { name: "tea".into(), count: 7, kind };
        works(item.clone()).await;
        works_in_json(vec![item]).await;
    }
}

#[tokio::test]
async fn modules_of_ones_own_read_what_they_write() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct File {
        #[serde(with = "as_bytes")]
        content: Vec<u8>,
        #[serde(with = "as_hex")]
        hash: [u8; 2],
        #[serde(with = "as_pairs")]
        sizes: BTreeMap<u8, u8>,
        name: String,
    }

    let file = File {
        content: vec![0, 255, 7],
        hash: [0xab, 0x01],
        sizes: BTreeMap::from([(1, 2), (3, 4)]),
        name: "tea".into(),
    };
    works(file.clone()).await;
    works_in_json(vec![file]).await;
}

/// Written as bytes, not as a list of numbers.
mod as_bytes {
    use super::*;

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytes)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        struct Bytes;

        impl<'de> Visitor<'de> for Bytes {
            type Value = Vec<u8>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
                Ok(bytes.to_vec())
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut access: A) -> Result<Vec<u8>, A::Error> {
                std::iter::from_fn(|| access.next_element().transpose()).collect()
            }
        }

        deserializer.deserialize_bytes(Bytes)
    }
}

mod as_hex {
    use super::*;

    pub(super) fn serialize<S: Serializer>(bytes: &[u8; 2], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:04x}", u16::from_be_bytes(*bytes)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 2], D::Error> {
        let text = String::deserialize(deserializer)?;
        u16::from_str_radix(&text, 16).map(u16::to_be_bytes).map_err(de::Error::custom)
    }
}

mod as_pairs {
    use super::*;

    pub(super) fn serialize<S: Serializer>(map: &BTreeMap<u8, u8>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<u8, u8>, D::Error> {
        Ok(Vec::<(u8, u8)>::deserialize(deserializer)?.into_iter().collect())
    }
}

#[tokio::test]
async fn the_largest_numbers_are_read() {
    let numbers = (i128::MIN, i128::MAX, u128::MAX, (u64::MAX, i64::MIN));
    works(numbers).await;
    works_in_json(numbers).await;
}

/// Infinite numbers and those that are none are values of bincode.
#[tokio::test]
async fn all_floating_numbers_are_read_in_bincode() {
    works((f64::INFINITY, f64::NEG_INFINITY, f64::MIN_POSITIVE, f32::MAX, 5e-324)).await;
    let stored = Stored::new().await;
    let session = stored.open::<Kept<(f64, f64)>>().await;
    session.set_value((f64::NAN, -0.0)).await.unwrap();
    let (not_a_number, zero) = session.value().await.unwrap().unwrap();
    assert!(not_a_number.is_nan() && zero == 0.0 && zero.is_sign_negative());
}

#[tokio::test]
async fn types_of_the_standard_library_are_read() {
    use std::cmp::Reverse;
    use std::collections::{BTreeSet, BinaryHeap, LinkedList, VecDeque};
    use std::ffi::{CString, OsString};
    use std::marker::PhantomData;
    use std::net::{IpAddr, Ipv6Addr, SocketAddr};
    use std::num::Wrapping;
    use std::ops::{Bound, Range, RangeInclusive};
    use std::path::PathBuf;
    use std::time::{Duration, SystemTime};

    let address = IpAddr::from(Ipv6Addr::LOCALHOST);
    works((Bound::Excluded(7_u8), Ok::<u8, String>(7), Err::<u8, _>("a".to_owned()), 7_u8)).await;
    works::<(Range<u8>, RangeInclusive<u8>, u8)>((1..7, 1..=7, 7)).await;
    works((Wrapping(7_u8), Reverse(7_u8), PhantomData::<u8>, (), Box::new(7_u8), 'a')).await;
    works((PathBuf::from("/tea"), OsString::from("tea"), c"tea".to_owned(), CString::default(), 7_u8)).await;
    works((address, SocketAddr::new(address, 80), Duration::new(7, 8), SystemTime::UNIX_EPOCH, 7_u8)).await;
    works((VecDeque::from([7_u8]), LinkedList::from([7_u8]), BTreeSet::from([7_u8]), [(); 3], 7_u8)).await;
    works(vec![Some(Some(())), Some(None), None]).await;
    let stored = Stored::new().await;
    let session = stored.open::<super::Heap>().await;
    session.set_heap(BinaryHeap::from([1, 3, 2])).await.unwrap();
    assert_eq!(session.heap().await.unwrap().into_sorted_vec(), [1, 2, 3]);
}

/// serde's derive gives both readers one name.
#[tokio::test]
async fn neighbours_that_are_read_by_different_functions() {
    mod as_text {
        use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

        pub(super) fn serialize<S: Serializer>(day: &u8, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_str(&day.to_string())
        }

        pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
            String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
        }
    }

    mod as_number {
        use serde::{Deserialize as _, Deserializer, Serializer};

        pub(super) fn serialize<S: Serializer>(time: &u8, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_u64(u64::from(*time))
        }

        pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
            Ok(u64::deserialize(deserializer)? as u8)
        }
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Stay(#[serde(with = "as_text")] u8, #[serde(with = "as_number")] u8, u8);

    works(Stay(1, 2, 3)).await;
}
