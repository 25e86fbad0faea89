//! The shape of a type, as serde sees it: what is written for its values, and where.
//!
//! Two types with one shape read each other's values and mean the same by every part, as far as names and types can tell.
//! Names of types are no part of it, nor are newtypes: an old type that is kept beside the new one needs another name.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

mod known;
mod parts;
mod probe;
mod question;
mod samples;
mod text;
mod trace;

pub(crate) use known::shape_of;

/// The place of a node in a [`Shape`].
pub(crate) type NodeId = usize;

/// A shape: its nodes, the first of which is the whole. A type that contains itself leads back to a node before.
#[derive(Debug)]
pub struct Shape {
    nodes: Vec<Node>,
    type_name: &'static str,
    fingerprint: Fingerprint,
}

/// One part of a shape.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    Scalar(Scalar),
    Unit,
    Option(NodeId),
    /// Nothing of its own is written for it.
    Newtype(NodeId),
    Seq(NodeId),
    Map(NodeId, NodeId),
    Tuple(Vec<NodeId>),
    Struct(Vec<Member>),
    Enum(Vec<Member>),
    /// The content of an adjacently tagged enum: what it is depends on the tag, by the tag's position.
    ByTag(Vec<NodeId>),
    /// The type asks the format what comes: an untagged or internally tagged enum, `flatten`, `serde_json::Value`.
    Any,
    /// The type reads its fields, or its variants, by their names only, and bincode has none.
    ByName,
    /// The type reads nothing there, nor makes anything of it: a variant of another operating system.
    Nothing,
    /// It could not be found out.
    Unknown,
}

/// A field of a struct or a variant of an enum.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    /// The name, and the names that are read for it too.
    pub(crate) names: Vec<&'static str>,
    pub(crate) node: NodeId,
}

/// What is written as one piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scalar {
    Bool,
    I8,
    I16,
    I32,
    I64,
    I128,
    U8,
    U16,
    U32,
    U64,
    U128,
    F32,
    F64,
    Char,
    Str,
    Bytes,
}

/// A shape in eight bytes: equal for equal shapes, different for all others that a program will ever have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fingerprint(pub(crate) [u8; 8]);

/// The whole of a shape.
pub(crate) const ROOT: NodeId = 0;

impl Shape {
    fn new(nodes: Vec<Node>, type_name: &'static str) -> Self {
        let mut shape = Self { nodes, type_name, fingerprint: Fingerprint([0; 8]) };
        let hash = Sha256::digest(shape.to_string());
        shape.fingerprint.0.copy_from_slice(&hash[..8]);
        shape
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id]
    }

    /// What is under the newtypes at this place, for which nothing is written: a part further out, maybe. `None` for one that
    /// contains only itself: it has no values.
    pub(crate) fn content(&self, id: NodeId) -> Option<NodeId> {
        self.follow(id, |node| match node {
            Node::Newtype(inner) => Some(*inner),
            _ => None,
        })
    }

    /// Where these steps lead; `None` where they lead in a circle.
    pub(crate) fn follow(&self, mut id: NodeId, step: impl Fn(&Node) -> Option<NodeId>) -> Option<NodeId> {
        for _ in 0..=self.nodes.len() {
            let Some(next) = step(self.node(id)) else { return Some(id) };
            id = next;
        }
        None
    }

    pub(crate) fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The type that has this shape, as the compiler calls it.
    pub(crate) fn type_name(&self) -> &'static str {
        self.type_name
    }

    pub(crate) fn has(&self, what: impl Fn(&Node) -> bool) -> bool {
        self.nodes.iter().any(what)
    }

    /// Whether values can be nested in each other without end.
    pub(crate) fn is_recursive(&self) -> bool {
        let leads_back = |(id, node): (NodeId, &Node)| node.children().any(|child| child <= id);
        self.nodes.iter().enumerate().any(leads_back)
    }

    /// Whether there is a list whose elements take no bytes, so that its length is bounded by nothing.
    pub(crate) fn has_weightless_elements(&self) -> bool {
        self.has(|node| match node {
            Node::Seq(element) => self.is_weightless(*element),
            Node::Map(key, value) => self.is_weightless(*key) && self.is_weightless(*value),
            _ => false,
        })
    }

    /// A node that leads back to itself takes bytes, or it could not end.
    fn is_weightless(&self, id: NodeId) -> bool {
        let node = self.node(id);
        let ends = node.children().all(|child| child > id);
        let without_bytes = matches!(node, Node::Unit | Node::Newtype(_) | Node::Tuple(_) | Node::Struct(_));
        ends && without_bytes && node.children().all(|child| self.is_weightless(child))
    }
}

impl Node {
    fn children(&self) -> impl Iterator<Item = NodeId> + '_ {
        let (one, two, many, members): (_, _, &[NodeId], &[Member]) = match self {
            Self::Scalar(_) | Self::Unit | Self::Any | Self::ByName | Self::Nothing | Self::Unknown => {
                (None, None, &[], &[])
            }
            Self::Option(inner) | Self::Newtype(inner) | Self::Seq(inner) => (Some(*inner), None, &[], &[]),
            Self::Map(key, value) => (Some(*key), Some(*value), &[], &[]),
            Self::Tuple(items) | Self::ByTag(items) => (None, None, items, &[]),
            Self::Struct(members) | Self::Enum(members) => (None, None, &[], members),
        };
        one.into_iter().chain(two).chain(many.iter().copied()).chain(members.iter().map(|member| member.node))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The text that `Display` writes, read again.
impl FromStr for Fingerprint {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut bytes = [0; 8];
        if text.len() != 2 * bytes.len() || !text.is_ascii() {
            return Err(());
        }
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * at..][..2], 16).map_err(drop)?;
        }
        Ok(Self(bytes))
    }
}
