//! Types that check what they read: their shape is known though they refuse what is made up for them, and so is the shape
//! of what stands beside them.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::NonZeroI32;
use std::ops::Bound;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use jiff::{SignedDuration, Timestamp, Zoned, civil};
use serde::{Deserialize, Serialize};
use session_runtime::SessionError;
use url::Url;
use uuid::Uuid;

use super::Expected::{self, Invalid, Reads, Refused};
use super::{change, changes, refused_for, whole};
use crate::stored::{Kept, Storable, Stored, text};

const UUID: Uuid = Uuid::from_u128(0x0123_4567_89ab_4def_8123_4567_89ab_cdef);

fn url() -> Url {
    "https://example.org/tea?kind=green".parse().unwrap()
}

fn time() -> DateTime<Utc> {
    "2024-02-29T12:34:56.789Z".parse().unwrap()
}

fn date() -> NaiveDate {
    "2024-02-29".parse().unwrap()
}

fn timestamp() -> Timestamp {
    "2024-02-29T12:34:56.789Z".parse().unwrap()
}

fn zoned() -> Zoned {
    "2024-02-29T12:34:56+00:00[UTC]".parse().unwrap()
}

fn address() -> IpAddr {
    Ipv4Addr::new(192, 0, 2, 7).into()
}

fn system_time() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::new(1_700_000_000, 7)
}

changes! {
    whole;

    // In bincode these are their bytes.
    a_uuid_becomes_a_text: Uuid = UUID => String: Refused;
    a_text_becomes_a_uuid: String = UUID.to_string() => Uuid: Refused;
    a_uuid_becomes_an_array: Uuid = UUID => [u8; 16]: Refused;
    a_uuid_becomes_a_list_of_bytes: Uuid = UUID => Vec<u8>: Refused;
    an_address_becomes_a_text: IpAddr = address() => String: Refused;
    an_address_becomes_one_of_the_fourth_version: IpAddr = address() => Ipv4Addr: Refused;
    an_address_becomes_an_array: Ipv4Addr = Ipv4Addr::LOCALHOST => [u8; 4]: Reads([127, 0, 0, 1]);
    a_duration_becomes_a_time: Duration = Duration::new(7, 8) => SystemTime: Refused;
    a_time_becomes_a_duration: SystemTime = system_time() => Duration: Refused;
    a_duration_becomes_a_tuple: Duration = Duration::new(7, 8) => (u64, u32): Refused;
    a_duration_becomes_a_number: Duration = Duration::new(7, 8) => u64: Refused;

    // These are texts; a text that is none of them is refused by the type.
    a_url_becomes_a_text: Url = url() => String: Reads("https://example.org/tea?kind=green".into());
    a_text_becomes_a_url: String = url().to_string() => Url: Reads(url());
    a_text_that_is_no_url_is_refused: String = "tea".into() => Url: Invalid;
    a_time_becomes_a_text: DateTime<Utc> = time() => String: Reads("2024-02-29T12:34:56.789Z".into());
    a_text_that_is_no_time_is_refused: String = "29 February".into() => DateTime<Utc>: Invalid;
    a_date_becomes_a_text: NaiveDate = date() => String: Reads("2024-02-29".into());
    a_date_that_never_was_is_refused: String = "2023-02-29".into() => NaiveDate: Invalid;
    a_time_is_no_date: DateTime<Utc> = time() => NaiveDate: Invalid;
    a_time_moves_to_another_library: DateTime<Utc> = time() => Timestamp: Reads(timestamp());
    a_timestamp_becomes_a_text: Timestamp = timestamp() => String: Reads("2024-02-29T12:34:56.789Z".into());
    a_timestamp_becomes_a_number: Timestamp = timestamp() => i64: Refused;
    a_zoned_time_becomes_a_text: Zoned = zoned() => String: Reads("2024-02-29T12:34:56+00:00[UTC]".into());
    a_timestamp_has_no_zone: Timestamp = timestamp() => Zoned: Invalid;
    a_text_becomes_one_that_is_checked: String = "A-12345".into() => Code: Reads(Code("A-12345".into()));
    a_text_that_the_type_refuses: String = "12345".into() => Code: Invalid;
    a_checked_text_becomes_a_text: Code = code() => String: Reads("A-12345".into());
    a_checked_text_becomes_a_number: Code = code() => u32: Refused;
}

/// Refuses every text but a letter, a dash and five digits: all that is made up for it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct Code(String);

fn code() -> Code {
    Code("A-12345".into())
}

impl TryFrom<String> for Code {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_bytes() {
            [b'A'..=b'Z', b'-', digits @ ..] if digits.len() == 5 && digits.iter().all(u8::is_ascii_digit) => {
                Ok(Self(text))
            }
            _ => Err(format!("{text:?} is no code")),
        }
    }
}

impl From<Code> for String {
    fn from(code: Code) -> Self {
        code.0
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Row<T, C> {
    checked: T,
    count: C,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct RenamedRow<T> {
    checked: T,
    total: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event<T, C> {
    Happened { to: T, times: C },
}

async fn refused<B: Storable, A: Storable>(before: B, after: A) {
    change(Kept::VALUE, Kept::VALUE, before, refused_for(&after)).await;
}

async fn read<V: Storable>(value: V) {
    change(Kept::VALUE, Kept::VALUE, value.clone(), Reads(value)).await;
}

/// A value of a type that checks its input, before a number that changes.
async fn before_what_changes<T: Storable>(value: T) {
    let row = |value: &T| Row { checked: value.clone(), count: 7_u32 };
    read(vec![row(&value)]).await;
    refused(vec![row(&value)], vec![Row { checked: value.clone(), count: 7_i32 }]).await;
    refused(row(&value), RenamedRow { checked: value, total: 7 }).await;
}

/// In a tuple, where a value of it must be made up.
async fn in_a_tuple<T: Storable>(value: T) {
    let tuple = ((7_u8, row(value.clone())), [value.clone(), value.clone()], 7_u32);
    read(tuple.clone()).await;
    let ((first, second), third, _) = tuple.clone();
    refused(tuple, ((first, second), third, 7_i32)).await;
}

/// As the key of a map, whose values change.
async fn as_a_key<T: Storable + Eq + Hash>(value: T) {
    read(HashMap::from([(value.clone(), 7_u32)])).await;
    refused(HashMap::from([(value.clone(), 7_u32)]), HashMap::from([(value, 7_i32)])).await;
}

fn row<T>(checked: T) -> Row<T, u32> {
    Row { checked, count: 7 }
}

macro_rules! checked {
    ($($name:ident: $value:expr;)*) => {$(
        mod $name {
            use super::*;

            #[tokio::test]
            async fn stands_before_what_changes() {
                before_what_changes($value).await;
            }

            #[tokio::test]
            async fn stands_in_a_tuple() {
                in_a_tuple($value).await;
            }

            #[tokio::test]
            async fn is_the_key_of_a_map() {
                as_a_key($value).await;
            }
        }
    )*};
}

checked! {
    a_uuid: UUID;
    a_url: url();
    a_chrono_time: time();
    a_chrono_date: date();
    a_chrono_time_of_day: NaiveTime::from_hms_opt(12, 34, 56).unwrap();
    a_chrono_date_and_time: NaiveDateTime::new(date(), NaiveTime::MIN);
    a_chrono_weekday: chrono::Weekday::Fri;
    a_chrono_month: chrono::Month::May;
    a_jiff_timestamp: timestamp();
    a_jiff_zoned_time: zoned();
    a_jiff_date: civil::date(2024, 2, 29);
    a_jiff_time_of_day: civil::time(12, 34, 56, 7);
    a_jiff_date_and_time: civil::date(2024, 2, 29).at(12, 34, 56, 7);
    a_jiff_duration: SignedDuration::new(7, 8);
    a_duration: Duration::new(7, 8);
    a_system_time: system_time();
    an_ip_address: address();
    an_ip_address_of_the_sixth_version: Ipv6Addr::LOCALHOST;
    a_socket_address: SocketAddr::new(address(), 80);
    a_number_that_is_not_zero: NonZeroI32::new(-7).unwrap();
    a_letter: 'ß';
    a_path: PathBuf::from("/tea");
    a_bound: Bound::Included(7_u8);
    a_result: Ok::<u8, String>(7);
}

/// A type that refuses all that is made up for it is known all the same where nothing need be made up.
#[tokio::test]
async fn a_type_that_refuses_everything_stands_before_what_changes() {
    before_what_changes(code()).await;
    as_a_key(code()).await;
    read((7_u32, code())).await;
    let paid = |times| BTreeMap::from([(code(), vec![Some(Event::Happened { to: code(), times })])]);
    refused(paid(7_u32), BTreeMap::from([(code(), vec![Some(Event::Happened { to: code(), times: 7_i32 })])])).await;
}

/// In a tuple what comes after it can't be found out: that is said when it is set, with what to do.
#[tokio::test]
async fn a_type_that_refuses_everything_is_refused_in_a_tuple() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Event {
        Nothing,
        Happened(Code, u32),
    }

    async fn refused_at_set<V: Storable>(value: V) {
        let session = Stored::new().await.open::<Kept<V>>().await;
        let errors = [
            session.set_value(value.clone()).await.unwrap_err(),
            session.update_value(|slot| *slot = Some(value.clone())).await.unwrap_err(),
        ];
        for error in errors {
            assert!(matches!(error, SessionError::Encode { field: "value", .. }), "{error:?}");
            let text = text(&error);
            let name = std::any::type_name::<V>();
            assert!(text.contains(&format!("`{name}`")), "{text}");
            assert!(text.contains("write a struct with named fields instead of the tuple"), "{text}");
            assert!(text.contains("`#[session(codec = \"json\")]`"), "{text}");
        }
        assert!(!session.has_value().await.unwrap());
    }

    refused_at_set((code(), 7_u32)).await;
    refused_at_set([code(), code()]).await;
    refused_at_set(Event::Happened(code(), 7)).await;
    // Even for a value without it: what was stored must be known for what it is later.
    refused_at_set(Event::Nothing).await;
    refused_at_set(Vec::<(Code, u32)>::new()).await;
}
