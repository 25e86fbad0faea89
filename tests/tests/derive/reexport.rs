//! `#[session(crate = …)]`: the runtime under another path.

pub(crate) mod sessions {
    pub(crate) use session_runtime::*;
}

use sessions::SessionError;

mod absolute {
    #[derive(crate::reexport::sessions::SessionData)]
    #[session(crate = crate::reexport::sessions)]
    pub(super) struct Shop {
        cart: Vec<String>,
        #[session(default = 3, ttl = "15m")]
        count: u8,
    }
}

mod relative {
    #[derive(super::sessions::SessionData)]
    #[session(crate = super::sessions)]
    pub(super) struct Shop {
        cart: Vec<String>,
    }
}

#[tokio::test]
async fn any_path_will_do() -> Result<(), SessionError> {
    let session = super::session::<absolute::Shop>();
    assert_eq!(session.count().await?, 3);
    session.update_cart(|cart| cart.push("apple".into())).await?;
    super::session::<relative::Shop>().set_cart(vec![]).await
}
