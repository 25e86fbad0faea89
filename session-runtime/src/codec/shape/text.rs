//! A shape in words: what its fingerprint is made of, and what people read.
//!
//! `{sku: str, price: u64?, tags: [str], sizes: {str => u8}, at: (f64, f64)}`, `<Open | Paid(u64) | Sent {by: str}>`; `^2`
//! is the part two levels further out, `any` a part whose shape only its values tell, `…` one that could not be found out.

use std::fmt;

use super::{Member, Node, NodeId, ROOT, Scalar, Shape};

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Writer { shape: self, open: Vec::new(), f }.node(ROOT)
    }
}

struct Writer<'w, 'f> {
    shape: &'w Shape,
    /// The parts that are being written, outermost first.
    open: Vec<NodeId>,
    f: &'w mut fmt::Formatter<'f>,
}

impl Writer<'_, '_> {
    fn node(&mut self, id: NodeId) -> fmt::Result {
        let Some(id) = self.shape.content(id) else {
            return self.f.write_str("^0");
        };
        if let Some(depth) = self.open.iter().position(|open| *open == id) {
            return write!(self.f, "^{}", self.open.len() - depth);
        }
        self.open.push(id);
        let written = self.part(id);
        self.open.pop();
        written
    }

    fn part(&mut self, id: NodeId) -> fmt::Result {
        let shape = self.shape;
        match shape.node(id) {
            Node::Scalar(scalar) => self.f.write_str(scalar.name()),
            Node::Unit => self.f.write_str("()"),
            Node::Newtype(_) => unreachable!("is no part of its own"),
            Node::Option(inner) => {
                self.node(*inner)?;
                self.f.write_str("?")
            }
            Node::Seq(element) => {
                self.f.write_str("[")?;
                self.node(*element)?;
                self.f.write_str("]")
            }
            Node::Map(key, value) => {
                self.f.write_str("{")?;
                self.node(*key)?;
                self.f.write_str(" => ")?;
                self.node(*value)?;
                self.f.write_str("}")
            }
            Node::Tuple(items) => self.items(items),
            Node::Struct(members) => self.members(members),
            Node::Enum(variants) => self.alternatives(variants, Self::variant),
            Node::ByTag(contents) => {
                self.f.write_str("by tag ")?;
                self.alternatives(contents, |this, content| this.node(*content))
            }
            Node::Any => self.f.write_str("any"),
            Node::ByName => self.f.write_str("by name"),
            Node::Nothing => self.f.write_str("!"),
            Node::Unknown => self.f.write_str("…"),
        }
    }

    fn alternatives<T>(&mut self, of: &[T], write: impl FnMut(&mut Self, &T) -> fmt::Result) -> fmt::Result {
        self.f.write_str("<")?;
        self.list(of, " | ", write)?;
        self.f.write_str(">")
    }

    fn variant(&mut self, variant: &Member) -> fmt::Result {
        self.names(&variant.names)?;
        let content = self.shape.content(variant.node).unwrap_or(variant.node);
        match self.shape.node(content) {
            Node::Unit => Ok(()),
            Node::Tuple(_) => self.node(content),
            Node::Struct(_) => {
                self.f.write_str(" ")?;
                self.node(content)
            }
            _ => {
                self.f.write_str("(")?;
                self.node(content)?;
                self.f.write_str(")")
            }
        }
    }

    /// Equal neighbours are counted: arrays can be long.
    fn items(&mut self, items: &[NodeId]) -> fmt::Result {
        let mut runs: Vec<(String, usize)> = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let is_new = at == 0 || items[at - 1] != *item;
            let text = is_new.then(|| self.text(*item));
            match runs.last_mut() {
                Some((before, times)) if text.as_ref().is_none_or(|text| text == before) => *times += 1,
                _ => runs.push((text.unwrap_or_default(), 1)),
            }
        }
        self.f.write_str("(")?;
        self.list(&runs, ", ", |this, (text, times)| match times {
            1 => this.f.write_str(text),
            _ => write!(this.f, "{text} × {times}"),
        })?;
        // Of one element, not merely in parentheses.
        self.f.write_str(if items.len() == 1 { ",)" } else { ")" })
    }

    fn text(&self, id: NodeId) -> String {
        struct Part<'p>(&'p Shape, &'p [NodeId], NodeId);

        impl fmt::Display for Part<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                Writer { shape: self.0, open: self.1.to_vec(), f }.node(self.2)
            }
        }

        Part(self.shape, &self.open, id).to_string()
    }

    fn members(&mut self, members: &[Member]) -> fmt::Result {
        self.f.write_str("{")?;
        self.list(members, ", ", |this, member| {
            this.names(&member.names)?;
            this.f.write_str(": ")?;
            this.node(member.node)
        })?;
        self.f.write_str("}")
    }

    fn names(&mut self, names: &[&str]) -> fmt::Result {
        self.list(names, "/", |this, name| match is_plain(name) {
            true => this.f.write_str(name),
            false => write!(this.f, "{name:?}"),
        })
    }

    fn list<T>(
        &mut self,
        items: &[T],
        separator: &str,
        mut write: impl FnMut(&mut Self, &T) -> fmt::Result,
    ) -> fmt::Result {
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.f.write_str(separator)?;
            }
            write(self, item)?;
        }
        Ok(())
    }
}

/// Whether a name can stand without quotes.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_' || letter == '-')
}

impl Scalar {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::I8 => "i8",
            Self::I16 => "i16",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::I128 => "i128",
            Self::U8 => "u8",
            Self::U16 => "u16",
            Self::U32 => "u32",
            Self::U64 => "u64",
            Self::U128 => "u128",
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::Char => "char",
            Self::Str => "str",
            Self::Bytes => "bytes",
        }
    }
}
