//! The file.

use std::collections::HashMap;
use std::fs;

use serde::{Deserialize, Serialize};
use session_runtime::{MemoryStore, SessionData, SessionError, SessionManager, assert_schema};

use crate::{bless, blessed, file, is_run_again, of_field, panic_of, releases, section, text_after, told};

#[derive(Serialize, Deserialize, PartialEq, Eq, Hash)]
struct Line {
    sku: String,
    price: Option<u64>,
}

#[derive(Serialize, Deserialize)]
enum State {
    Open,
    Paid(u64),
    Sent { by: String },
}

mod whole {
    use super::{Line, State};

    /// With each thing that is written down.
    #[derive(session_runtime::SessionData)]
    #[session(prefix = "shop")]
    pub(super) struct Shop {
        #[session(rotate)]
        user: Option<u64>,
        #[session(alias = "basket", alias = "cart", migrate(Vec<String> => |_| Vec::new()))]
        cart: Vec<Line>,
        #[session(ttl = "15m", version = 2, on_mismatch = "default")]
        order: Option<State>,
        #[session(lazy, codec = "json")]
        notes: Vec<serde_json::Value>,
    }
}

const WHOLE: &str = "\
# What sessions with the schema `Shop` are made of: a change here can break those that are live.
# `SESSION_SCHEMA=bless cargo test` writes this file.

shop.cart
    shape [{sku: str, price: u64?}]
    written 3463f8e0a95f177d (version 1, bincode)
    reads 24e71f692b5e1f63 (version 1, bincode) [str]
    alias basket
    alias cart

shop.notes
    shape [any]
    written cabfcb1466bdbdd6 (version 1, json)
    lazy

shop.order
    shape <Open | Paid(u64) | Sent {by: str}>
    written d990ced2406bb396 (version 2, bincode)
    ttl 900 s
    on_mismatch default

shop.user
    shape u64
    written 1506e6f44c1d6291 (version 1, bincode)
    rotate
";

/// Every byte: files that were written down stay as they are when this crate changes. So do the fingerprints, or each value in
/// each store would be of an unknown type.
#[test]
fn the_file_has_each_field_in_the_order_of_the_keys() {
    if let Some(folder) = is_run_again() {
        return assert_schema!(whole::Shop, file(&folder, "whole"));
    }
    let folder = tempfile::tempdir().unwrap();
    assert!(bless("file::the_file_has_each_field_in_the_order_of_the_keys", folder.path()).status.success());
    assert_eq!(fs::read_to_string(file(folder.path(), "whole")).unwrap(), WHOLE);
}

#[test]
fn a_missing_file_is_told_with_what_writes_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = file(folder.path(), "none");
    let told = panic_of(|| assert_schema!(releases::first::Shop, &file)).unwrap();
    assert!(told.contains(&file) && told.contains("SESSION_SCHEMA=bless cargo test"), "{told}");
    assert!(!fs::exists(&file).unwrap(), "nothing is written unasked");
}

#[test]
fn an_equal_file_is_well() {
    let written = blessed(&["first"]);
    assert_schema!(releases::first::Shop, file(written.path(), "shop"));
}

/// As a checkout on Windows may have it.
#[test]
fn a_file_with_other_line_ends_is_well() {
    let written = blessed(&["first"]);
    let file = file(written.path(), "shop");
    let text = fs::read_to_string(&file).unwrap();
    assert!(!text.contains('\r'));
    fs::write(&file, text.replace('\n', "\r\n")).unwrap();
    assert_schema!(releases::first::Shop, &file);
    let told = panic_of(|| assert_schema!(releases::priced::Shop, file)).unwrap();
    assert!(told.contains("`cart`: values that are stored now can't be read"), "{told}");
}

#[test]
fn a_message_names_the_file() {
    let written = blessed(&["first"]);
    let file = file(written.path(), "shop");
    for told in [
        panic_of(|| assert_schema!(releases::with_note::Shop, &file)),
        panic_of(|| assert_schema!(releases::priced::Shop, &file)),
    ] {
        assert!(told.as_ref().unwrap().contains(&file), "{told:?}");
    }
}

#[test]
fn blessing_makes_the_folders() {
    if let Some(folder) = is_run_again() {
        return assert_schema!(releases::first::Shop, file(&folder, "made/for/it"));
    }
    let folder = tempfile::tempdir().unwrap();
    assert!(bless("file::blessing_makes_the_folders", folder.path()).status.success());
    assert_schema!(releases::first::Shop, file(folder.path(), "made/for/it"));
}

/// Comments and order are not kept, and what is not one of this schema's fields was one.
#[test]
fn blessing_replaces_what_was_there() {
    if let Some(folder) = is_run_again() {
        return assert_schema!(releases::first::Shop, file(&folder, "shop"));
    }
    let folder = blessed(&["first"]);
    let made = file(folder.path(), "shop");
    let text = fs::read_to_string(&made).unwrap();
    fs::write(&made, format!("# ours\n\nuser\n    shape i8\n\n{text}")).unwrap();
    assert!(panic_of(|| assert_schema!(releases::first::Shop, &made)).is_some());
    assert!(bless("file::blessing_replaces_what_was_there", folder.path()).status.success());
    assert_eq!(fs::read_to_string(&made).unwrap(), text);
}

/// As a file that was sorted by hand is: nothing breaks.
#[test]
fn another_order_is_told_as_such() {
    let folder = blessed(&["first"]);
    let file = file(folder.path(), "shop");
    let text = fs::read_to_string(&file).unwrap();
    let (before, user) = text.split_once("\nuser\n").unwrap();
    let (heading, cart) = before.split_once("\ncart\n").unwrap();
    fs::write(&file, format!("{heading}\nuser\n{user}\ncart\n{cart}")).unwrap();
    let told = panic_of(|| assert_schema!(releases::first::Shop, &file)).unwrap();
    assert!(told.contains("only its heading or its layout differs"), "{told}");
    assert!(!told.contains("break") && !told.contains("\n- "), "{told}");
}

/// A comment, an indentation, and a line of its own are what such keys could be mistaken for.
#[test]
fn a_key_of_any_letters_is_compared() {
    for (told, key) in [
        (told!(hash => hash_priced), "#cart"),
        (told!(indented => indented_priced), "    b"),
        (told!(lines => lines_priced), "cart\nshape x\""),
    ] {
        let told = told.unwrap();
        assert!(told.contains("sessions that are live would break"), "{told}");
        assert!(of_field(&told, key).contains("can't be read"), "{told}");
    }
    assert_eq!(told!(hash => hash), None);
    assert_eq!(told!(indented => indented), None);
    assert_eq!(told!(lines => lines), None);
    assert_eq!(told!(mark_of_a_merge => mark_of_a_merge), None);
}

#[test]
fn a_key_that_could_be_mistaken_stands_in_quotes() {
    assert_eq!(section(&text_after(&["hash"]), "\"#cart\"").len(), 2);
    assert_eq!(section(&text_after(&["lines"]), r#""cart\nshape x\"""#).len(), 2);
    let told = told!(hash_aliased => hash).unwrap();
    assert!(told.contains("`#cart`"), "{told}");
    assert_eq!(section(&text_after(&["hash_aliased"]), "\"#basket\"").last(), Some(&"alias \"#cart\""));
}

/// Types that bincode can't read back, each with its field.
#[derive(SessionData)]
struct Unstorable {
    cart: Vec<Line>,
    anything: Option<serde_json::Value>,
    #[session(codec = "json")]
    fine: Option<serde_json::Value>,
    kind: Option<Untagged>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Number(u64),
    Text(String),
}

#[test]
fn types_that_cant_be_stored_are_told_and_not_written_down() {
    if let Some(folder) = is_run_again() {
        return assert_schema!(Unstorable, file(&folder, "unstorable"));
    }
    let folder = tempfile::tempdir().unwrap();
    let told = panic_of(|| assert_schema!(Unstorable, file(folder.path(), "unstorable"))).unwrap();
    let of_field = |field: &str| told.lines().find(|line| line.contains(&format!("`{field}`"))).unwrap_or_default();
    assert!(of_field("anything").contains("codec = \"json\""), "{told}");
    assert!(of_field("kind").contains("Untagged") && of_field("kind").contains("codec = \"json\""), "{told}");
    assert_eq!((of_field("cart"), of_field("fine")), ("", ""));

    let output = bless("file::types_that_cant_be_stored_are_told_and_not_written_down", folder.path());
    assert!(!output.status.success());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[derive(Serialize, Deserialize, PartialEq, Eq, Hash, Default)]
struct Sku(String);

#[derive(Serialize, Deserialize, PartialEq, Eq, Hash)]
enum Size {
    Small,
    Large,
}

/// JSON has texts for keys.
#[derive(SessionData)]
struct Maps {
    #[session(codec = "json")]
    of_texts: HashMap<Sku, u8>,
    #[session(codec = "json")]
    of_numbers: HashMap<i64, u8>,
    #[session(codec = "json")]
    of_letters: HashMap<char, u8>,
    #[session(codec = "json")]
    of_names: HashMap<Size, u8>,
    #[session(codec = "json")]
    of_addresses: HashMap<std::net::IpAddr, u8>,
    #[session(codec = "json")]
    of_places: HashMap<(u8, u8), String>,
    #[session(codec = "json")]
    inside: Option<Vec<HashMap<Line, u8>>>,
    in_bincode: HashMap<(u8, u8), String>,
}

#[test]
fn maps_whose_keys_json_cant_write_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let told = panic_of(|| assert_schema!(Maps, file(folder.path(), "maps"))).unwrap();
    let fields: Vec<_> = told.lines().filter_map(|line| line.split('`').nth(1)).collect();
    assert_eq!(fields, ["of_places", "inside"], "{told}");
    for line in told.lines() {
        assert!(line.contains("the keys of a map") && line.contains("a list of pairs"), "{told}");
    }
}

/// What is told is true: of each field, whether a value can be set.
#[tokio::test]
async fn maps_whose_keys_json_can_write_are_stored() {
    let session = SessionManager::<Maps>::new(MemoryStore::new()).start();
    session.set_of_texts([(Sku("tea".into()), 1)].into()).await.unwrap();
    session.set_of_numbers([(-7, 1)].into()).await.unwrap();
    session.set_of_letters([('x', 1)].into()).await.unwrap();
    session.set_of_names([(Size::Small, 1), (Size::Large, 2)].into()).await.unwrap();
    session.set_of_addresses([([127, 0, 0, 1].into(), 1)].into()).await.unwrap();
    session.set_in_bincode([((1, 2), "here".into())].into()).await.unwrap();
    let refused = session.set_of_places([((1, 2), "here".into())].into()).await;
    assert!(matches!(refused, Err(SessionError::Encode { field: "of_places", .. })), "{refused:?}");
    assert_eq!(session.of_names().await.unwrap().get(&Size::Large), Some(&2));
}

/// A schema without fields is one too: those that it gets later are new.
#[test]
fn a_schema_without_fields_is_written_down() {
    #[derive(SessionData)]
    struct Empty {}
    if let Some(folder) = is_run_again() {
        return assert_schema!(Empty, file(&folder, "empty"));
    }
    let folder = tempfile::tempdir().unwrap();
    assert!(bless("file::a_schema_without_fields_is_written_down", folder.path()).status.success());
    assert_schema!(Empty, file(folder.path(), "empty"));
}
