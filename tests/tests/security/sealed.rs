//! Requirement 36: values at rest are encrypted, where that is asked for.

use session_runtime::record::{Basis, ChangeSet, Entry, Expiry, Guard, Revision, SetField};
use session_runtime::store::Store as _;
use session_runtime::{Encryption, EncryptionKey, SessionId};
use session_tests::has_any;

use crate::world::{World, look};

const VALUE: &str = "4111-1111-1111-1111";

fn modes() -> [Encryption; 2] {
    [Encryption::by_token(), Encryption::by_keys([EncryptionKey::from_bytes([7; 32])])]
}

/// What somebody does who can write to the store.
async fn plant(world: &World<'_>, id: SessionId, key: &'static str, entry: Entry) {
    let mut changes = ChangeSet::new(Basis::Guard(Guard::Any));
    changes.set.push(SetField { key, value: entry.value, revision: entry.revision, expiry: Expiry::Never });
    world.store.commit(id, &changes, Some(world.clock.now())).await.unwrap();
}

requirements! {
    async fn requirement_36_no_byte_of_the_store_is_of_a_value(world) {
        for encryption in modes() {
            let site = world.site_with(|builder| builder.encryption(encryption)).await;
            let browser = site.signed_in(7).await;
            browser.post("/note", VALUE).await;
            assert_eq!(look(&browser).await, format!("Some(7) Some({VALUE:?}) 0"));
            browser.post("/sign-in", "7").await;
            assert_eq!(look(&browser).await, format!("Some(7) Some({VALUE:?}) 0"), "a new secret moves no data");
        }
        assert!(!has_any(&world.all_bytes().await, [VALUE]));
    }

    /// Not in another field, not in another session, not as it was before.
    async fn requirement_36_a_value_opens_in_its_place_alone(world) {
        for encryption in modes() {
            let site = world.site_with(|builder| builder.encryption(encryption)).await;
            let (ada, ben) = (site.browser(), site.browser());
            ada.post("/note", "ada's").await;
            ben.post("/note", "ben's").await;
            let [id, other] = [&ada, &ben].map(|browser| browser.token().unwrap().id());
            let (hers, his) = (world.stored(id, "note").await.unwrap(), world.stored(other, "note").await.unwrap());
            let elsewhere = Entry { revision: Revision::random(), ..hers };
            for moved in [his, elsewhere] {
                plant(&world, id, "note", moved).await;
                assert_eq!(ada.get("/look").await.status, 500);
            }
            ada.post("/note", "again").await;
            assert_eq!(look(&ada).await, "None Some(\"again\") 0");
        }
    }
}
