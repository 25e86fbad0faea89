use super::*;

#[derive(Debug, SessionData)]
struct First {
    price: Option<u32>,
    other: u8,
}

#[derive(Debug, SessionData)]
struct Second {
    #[session(version = 2)]
    price: Option<u32>,
    other: u8,
}

#[derive(Debug, SessionData)]
struct Converting {
    #[session(version = 2, migrate(u32 => |euros| euros * 100, version = 1))]
    price: Option<u32>,
}

/// Says nothing of the version: it is for all that are not newer.
#[derive(Debug, SessionData)]
struct ConvertingAny {
    #[session(version = 3, migrate(u32 => |price| price + 1))]
    price: Option<u32>,
}

#[derive(Debug, SessionData)]
struct ByVersion {
    #[session(version = 4, migrate(
        u32 => |euros| euros * 100, version = 1,
        u32 => |dimes| dimes * 10, version = 2,
        // The newest that is not the field's own.
        u32 => |cents| cents, version = 3,
    ))]
    price: Option<u32>,
}

#[derive(Debug, SessionData)]
struct Third {
    #[session(version = 3)]
    price: Option<u32>,
}

#[derive(Debug, SessionData)]
struct Fourth {
    #[session(version = 4)]
    price: Option<u32>,
}

#[derive(Debug, SessionData)]
struct Highest {
    #[session(version = 4294967295)]
    price: Option<u32>,
}

#[tokio::test]
async fn another_version_of_the_same_type_is_refused() {
    let stored = written(async |session: Session<First>| session.set_price(7).await).await;
    let bytes = stored.bytes("price").await;
    let session = stored.open::<Second>().await;
    assert_refused(session.price().await);
    assert_refused(session.take_price().await);
    assert_refused(session.update_price(|price| *price = Some(1)).await);
    assert_refused(session.snapshot().await);
    assert!(session.has_price().await.unwrap());
    assert_eq!(session.other().await.unwrap(), 0);
    assert_eq!(stored.bytes("price").await, bytes);
    session.set_price(8).await.unwrap();
    assert_eq!(stored.open::<Second>().await.price().await.unwrap(), Some(8));
}

#[tokio::test]
async fn an_older_program_refuses_what_a_newer_one_wrote() {
    let stored = written(async |session: Session<Second>| session.set_price(7).await).await;
    let bytes = stored.bytes("price").await;
    let session = stored.open::<First>().await;
    assert_refused(session.price().await);
    assert_refused(session.update_price(|price| *price = Some(1)).await);
    session.set_other(3).await.unwrap();
    assert_eq!(stored.bytes("price").await, bytes);
    assert_eq!(stored.open::<Second>().await.price().await.unwrap(), Some(7));
}

#[tokio::test]
async fn a_migration_without_a_version_takes_none_that_is_newer() {
    let stored = written(async |session: Session<Fourth>| session.set_price(7).await).await;
    assert_refused(stored.open::<ConvertingAny>().await.price().await);
    assert_eq!(stored.open::<Fourth>().await.price().await.unwrap(), Some(7));
}

#[tokio::test]
async fn the_same_type_is_migrated_from_an_older_version() {
    let stored = written(async |session: Session<First>| session.set_price(7).await).await;
    let session = stored.open::<Converting>().await;
    assert_eq!(session.price().await.unwrap(), Some(700));
    session.update_price(|price| *price = price.map(|price| price + 1)).await.unwrap();
    assert_eq!(stored.open::<Converting>().await.price().await.unwrap(), Some(701), "it is migrated once");
    assert_refused(stored.open::<First>().await.price().await);
}

#[tokio::test]
async fn a_migration_without_a_version_takes_every_older_one() {
    let first = written(async |session: Session<First>| session.set_price(7).await).await;
    let second = written(async |session: Session<Second>| session.set_price(8).await).await;
    let third = written(async |session: Session<Third>| session.set_price(9).await).await;
    for (stored, expected) in [(first, 8), (second, 9), (third, 9)] {
        assert_eq!(stored.open::<ConvertingAny>().await.price().await.unwrap(), Some(expected));
    }
}

#[tokio::test]
async fn each_version_of_one_type_has_its_own_function() {
    let first = written(async |session: Session<First>| session.set_price(7).await).await;
    let second = written(async |session: Session<Second>| session.set_price(7).await).await;
    let third = written(async |session: Session<Third>| session.set_price(7).await).await;
    let fourth = written(async |session: Session<Fourth>| session.set_price(7).await).await;
    for (stored, expected) in [(first, 700), (second, 70), (third, 7), (fourth, 7)] {
        assert_eq!(stored.open::<ByVersion>().await.price().await.unwrap(), Some(expected));
    }
}

#[tokio::test]
async fn a_version_that_no_function_is_for_is_refused() {
    let stored = written(async |session: Session<Third>| session.set_price(7).await).await;
    assert_refused(stored.open::<Converting>().await.price().await);
}

#[tokio::test]
async fn the_highest_version_is_one_like_others() {
    let stored = written(async |session: Session<Highest>| session.set_price(7).await).await;
    assert_eq!(stored.open::<Highest>().await.price().await.unwrap(), Some(7));
    assert_refused(stored.open::<First>().await.price().await);
}
