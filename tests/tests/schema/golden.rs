//! The stored format, byte by byte, for ever. Sessions that live in somebody's store look like this: no row may change, only
//! new ones may come. One that fails says that the program no longer reads or writes what earlier releases did.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use session_runtime::{Field, SessionData};

use crate::stored::{Kept, KeptAsJson, Storable, Stored};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<_> = hex.chars().filter(|letter| !letter.is_whitespace()).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap()).collect()
}

/// The value becomes these bytes, and these bytes become the value. In hex: the codec, the version, the fingerprint, the
/// payload.
async fn is_stored_as<S: SessionData, V: Storable>(field: Field<S, V>, value: V, golden: &str) {
    let golden = bytes(golden);
    let stored = Stored::new().await;
    stored.open::<S>().await.set(&field, value.clone()).await.unwrap();
    let written = stored.bytes(field.key()).await.unwrap();
    assert_eq!(hex(&written), hex(&golden), "{value:?} is written otherwise than it was");
    let stored = Stored::new().await;
    stored.put(field.key(), golden).await;
    assert_eq!(stored.open::<S>().await.get(&field).await.unwrap(), Some(value), "is read otherwise than it was");
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Item {
    sku: String,
    count: u32,
    note: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct UserId(u64);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Marker;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Pair(u8, String);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Status {
    Open,
    Paid(u64),
    Moved(u8, u8),
    Sent { to: String },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Tree {
    label: u8,
    children: Vec<Tree>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Renamed {
    #[serde(rename = "zwei ☂", alias = "two", alias = "deux")]
    second: u8,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "of")]
enum Adjacent {
    Nothing,
    Paid(u64),
    Moved(u8, u8),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Number(u64),
    Text(String),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Flat {
    name: String,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

#[derive(SessionData)]
struct Versioned {
    #[session(version = 300)]
    value: Option<Item>,
    #[session(version = 4294967295, codec = "json")]
    last: Option<Item>,
}

fn item() -> Item {
    Item { sku: "tea".into(), count: 300, note: None }
}

fn tree() -> Tree {
    Tree { label: 1, children: vec![Tree { label: 2, children: vec![] }, Tree { label: 3, children: vec![] }] }
}

/// One test per value: `name: value => its bytes;`
macro_rules! golden {
    ($kept:ident: $($name:ident: $type:ty = $value:expr => $golden:literal;)*) => {$(
        #[tokio::test]
        async fn $name() {
            is_stored_as($kept::<$type>::VALUE, $value, $golden).await;
        }
    )*};
}

mod in_bincode {
    use super::*;

    golden! { Kept:
        a_flag: bool = true => "01 01 b760f44fa5965c24 01";
        a_u8: u8 = 255 => "01 01 c89951a24c6ca28c ff";
        a_u16: u16 = 300 => "01 01 29881aad8730c5ab fb2c01";
        a_u32: u32 = 70_000 => "01 01 d7649d428b9ff33d fc70110100";
        a_u64: u64 = 250 => "01 01 1506e6f44c1d6291 fa";
        a_large_u64: u64 = u64::MAX => "01 01 1506e6f44c1d6291 fdffffffffffffffff";
        a_u128: u128 = u128::MAX => "01 01 fcd03a0c417962ab feffffffffffffffffffffffffffffffff";
        an_i8: i8 = -1 => "01 01 4c1dc1f491eb4e4e ff";
        an_i16: i16 = -300 => "01 01 7daa2b32ed44f20a fb5702";
        an_i32: i32 = 125 => "01 01 579a6e6b342a11b9 fa";
        an_i64: i64 = i64::MIN => "01 01 1a91deb374228348 fdffffffffffffffff";
        an_i128: i128 = -1 => "01 01 9cf5d67d71c2b3ec 01";
        an_f32: f32 = 1.5 => "01 01 16b59eeb3ff6109b 0000c03f";
        an_f64: f64 = -0.1 => "01 01 6a3e2f9684f5186d 9a9999999999b9bf";
        a_letter: char = 'ß' => "01 01 411b0496da5eeced c39f";
        a_text: String = "tea ☕".into() => "01 01 8c25cb3686462e9a 0774656120e29895";
        nothing: () = () => "01 01 2e38e77b22c314a4";
        a_unit_struct: Marker = Marker => "01 01 2e38e77b22c314a4";
        a_newtype: UserId = UserId(7) => "01 01 1506e6f44c1d6291 07";
        an_option: Option<u8> = Some(7) => "01 01 29dcd510fff24cfc 0107";
        an_empty_option: Option<u8> = None => "01 01 29dcd510fff24cfc 00";
        a_list: Vec<u8> = vec![1, 2, 3] => "01 01 e8699fab53042e98 03010203";
        a_long_list: Vec<()> = vec![(); 251] => "01 01 b18a48f02566e615 fbfb00";
        a_map: BTreeMap<String, u32> = BTreeMap::from([("one".into(), 1)]) => "01 01 c04b15678e4c8484 01036f6e6501";
        an_array: [u16; 2] = [1, 300] => "01 01 bd65a096623c116a 01fb2c01";
        a_tuple: (u8, String, bool) = (7, "a".into(), false) => "01 01 5f6696b472e63c70 07016100";
        a_tuple_of_one: (u8,) = (7,) => "01 01 22ae14beeea5e901 07";
        a_tuple_struct: Pair = Pair(7, "a".into()) => "01 01 712ae02517359807 070161";
        a_struct: Item = item() => "01 01 915bca0cdc192c14 03746561fb2c0100";
        a_unit_variant: Status = Status::Open => "01 01 2270a236663a709d 00";
        a_newtype_variant: Status = Status::Paid(7) => "01 01 2270a236663a709d 0107";
        a_tuple_variant: Status = Status::Moved(1, 2) => "01 01 2270a236663a709d 020102";
        a_struct_variant: Status = Status::Sent { to: "Ada".into() } => "01 01 2270a236663a709d 0303416461";
        a_tree: Tree = tree() => "01 01 dc1c27c603639817 010202000300";
        names_that_are_not_plain: Renamed = Renamed { second: 2 } => "01 01 3675fdf188d4003c 02";
        what_is_nested: BTreeMap<u8, Vec<Option<(Item, Status)>>>
            = BTreeMap::from([(1, vec![None, Some((item(), Status::Paid(7)))])])
            => "01 01 5f2609c04bf4e028 010102000103746561fb2c01000107";
        a_duration: Duration = Duration::new(7, 8) => "01 01 2fbb523b8553ee5c 0708";
        a_uuid: uuid::Uuid = uuid::Uuid::from_u128(0x0123_4567_89ab_4def_8123_4567_89ab_cdef)
            => "01 01 277089d91c0bdf4f 100123456789ab4def8123456789abcdef";
        an_ip_address: std::net::IpAddr = std::net::Ipv4Addr::LOCALHOST.into() => "01 01 b36ae5d30e8a501b 007f000001";
        a_date: chrono::NaiveDate = "2024-02-29".parse().unwrap() => "01 01 8c25cb3686462e9a 0a323032342d30322d3239";
        a_value_after_one_that_is_made_up: (uuid::Uuid, chrono::DateTime<chrono::Utc>, url::Url, u8)
            = (uuid::Uuid::nil(), chrono::DateTime::UNIX_EPOCH, "https://example.org/".parse().unwrap(), 7)
            => "01 01 2be010152f488d55
                100000000000000000000000000000000014313937302d30312d30315430303a30303a30305a1468747470733a2f2f65
                78616d706c652e6f72672f07";
    }
}

mod in_json {
    use super::*;

    golden! { KeptAsJson:
        a_flag: bool = true => "02 01 b760f44fa5965c24 74727565";
        a_number: u64 = 300 => "02 01 1506e6f44c1d6291 333030";
        a_text: String = "tea ☕".into() => "02 01 8c25cb3686462e9a 2274656120e2989522";
        a_map: BTreeMap<u8, Option<()>> = BTreeMap::from([(1, None)])
            => "02 01 37110e5cf3d62f5f 7b2231223a6e756c6c7d";
        a_struct: Item = item()
            => "02 01 915bca0cdc192c14 7b22736b75223a22746561222c22636f756e74223a3330302c226e6f7465223a6e756c6c7d";
        a_variant: Status = Status::Sent { to: "Ada".into() }
            => "02 01 2270a236663a709d 7b2253656e74223a7b22746f223a22416461227d7d";
        a_uuid: uuid::Uuid = uuid::Uuid::nil()
            => "02 01 8c25cb3686462e9a
                2230303030303030302d303030302d303030302d303030302d30303030303030303030303022";
        an_adjacently_tagged_enum: Adjacent = Adjacent::Moved(1, 2)
            => "02 01 d8c3731d8d1ff8fa 7b226b696e64223a224d6f766564222c226f66223a5b312c325d7d";
        an_untagged_enum: Untagged = Untagged::Number(7) => "02 01 d6a7cd2a7371b1a1 37";
        a_flattened_map: Flat = Flat { name: "a".into(), rest: BTreeMap::from([("b".into(), json!(1))]) }
            => "02 01 3e56cbca80facd56 7b226e616d65223a2261222c2262223a317d";
        a_value_of_any_kind: Value = json!({ "a": [1, null] })
            => "02 01 d6a7cd2a7371b1a1 7b2261223a5b312c6e756c6c5d7d";
    }
}

#[tokio::test]
async fn a_version_of_two_bytes() {
    is_stored_as(Versioned::VALUE, item(), "01 ac02 915bca0cdc192c14 03746561fb2c0100").await;
}

#[tokio::test]
async fn the_highest_version() {
    let golden = "02 ffffffff0f 915bca0cdc192c14
        7b22736b75223a22746561222c22636f756e74223a3330302c226e6f7465223a6e756c6c7d";
    is_stored_as(Versioned::LAST, item(), golden).await;
}
