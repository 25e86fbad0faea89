//! A newtype around what contains it: nothing of its own, and of what it contains all.

use serde::{Deserialize, Serialize};
use session_runtime::SessionError;

use crate::stored::{Kept, Stored};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Tree {
    label: u8,
    children: Vec<Tree>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Wrapped {
    label: u8,
    children: Vec<Child>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Child(Wrapped);

#[tokio::test]
async fn leaves_the_shape_as_it_is() {
    let stored = Stored::new().await;
    let leaf = Tree { label: 2, children: Vec::new() };
    stored.open::<Kept<Tree>>().await.set_value(Tree { label: 1, children: vec![leaf] }).await.unwrap();
    let leaf = Child(Wrapped { label: 2, children: Vec::new() });
    let read = stored.open::<Kept<Wrapped>>().await.value().await.unwrap();
    assert_eq!(read, Some(Wrapped { label: 1, children: vec![leaf] }));
}

/// Two kinds of thread, whose replies are one part further in or out.
macro_rules! thread {
    ($name:ident, $reply:ident) => {
        mod $name {
            use super::*;

            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
            pub(super) struct Thread {
                pub(super) id: u8,
                pub(super) root: Post,
            }

            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
            pub(super) struct Post {
                pub(super) n: u8,
                pub(super) replies: Vec<Reply>,
            }

            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
            pub(super) struct Reply(pub(super) $reply);
        }
    };
}

thread!(of_posts, Post);
thread!(of_threads, Thread);

/// The bytes of the one are those of a value of the other.
#[tokio::test]
async fn around_another_is_another_shape() {
    use of_posts::{Post, Reply, Thread};

    let stored = Stored::new().await;
    let post = |n, replies| Reply(Post { n, replies });
    let replies = vec![post(5, vec![post(0, Vec::new())]), post(6, Vec::new())];
    let thread = Thread { id: 1, root: Post { n: 2, replies } };
    stored.open::<Kept<Thread>>().await.set_value(thread).await.unwrap();
    let read = stored.open::<Kept<of_threads::Thread>>().await.value().await;
    assert!(matches!(read, Err(SessionError::Schema { .. })), "{read:?}");
}
