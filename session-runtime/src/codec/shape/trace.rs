//! Finds out a type's shape by asking it to read itself, again and again.
//!
//! Each question follows one path from the whole to a part, and ends with what the type asks for there. So nothing must be
//! read successfully: a type that checks its input is known by what it asks for, whatever it thinks of the answer. Only what
//! stands in a tuple needs values for the parts before it: those are made up, see `samples`.

use serde::de::DeserializeOwned;

use super::question::{Answer, Call, Reader, Step, ask, reader};
use super::{Member, Node, NodeId, Shape};

/// More parts than any type of a session should have.
const MAX_NODES: usize = 4096;

/// The shape of `V`, in a format that people can or can't read.
pub(super) fn trace<V: DeserializeOwned>(human_readable: bool) -> Shape {
    trace_reader(reader::<V>, human_readable, std::any::type_name::<V>())
}

fn trace_reader(reader: Reader, human_readable: bool, type_name: &'static str) -> Shape {
    let mut tracer = Tracer { reader, human_readable, path: Vec::new(), ids: Vec::new(), nodes: Vec::new() };
    let answer = tracer.ask();
    tracer.node(answer.call);
    Shape::new(tracer.nodes, type_name)
}

struct Tracer {
    reader: Reader,
    human_readable: bool,
    /// The steps to the part that is looked at, and the nodes on the way, itself excluded.
    path: Vec<Step>,
    ids: Vec<NodeId>,
    nodes: Vec<Node>,
}

impl Tracer {
    fn ask(&self) -> Answer {
        ask(self.reader, &self.path, self.human_readable)
    }

    /// The node of the part at the path, which has called for `call`.
    fn node(&mut self, call: Call) -> NodeId {
        if let Call::Recursion(depth) = call {
            return self.ids[depth];
        }
        let id = self.nodes.len();
        self.nodes.push(Node::Unknown);
        if id < MAX_NODES {
            self.ids.push(id);
            self.nodes[id] = self.part(call);
            self.ids.pop();
        }
        id
    }

    fn part(&mut self, call: Call) -> Node {
        match call {
            Call::Scalar(scalar) => Node::Scalar(scalar),
            Call::Unit => Node::Unit,
            Call::Any => Node::Any,
            Call::Nothing => Node::Nothing,
            Call::Unknown | Call::Recursion(_) => Node::Unknown,
            Call::Option => Node::Option(self.child(Step::Inner)),
            Call::Newtype => Node::Newtype(self.child(Step::Inner)),
            Call::Seq => Node::Seq(self.child(Step::Item(0))),
            Call::Map => Node::Map(self.child(Step::Key), self.child(Step::Value)),
            Call::Tuple(len) => Node::Tuple(self.items(len)),
            Call::Struct(&[name, ..]) if self.needs(Step::Named(name, 0), Step::Item(0)) => Node::ByName,
            Call::Enum(&[name, ..]) if self.needs(Step::Variant(name, 0), Step::Numbered(0)) => Node::ByName,
            Call::Struct(names) => self.adjacent(names).unwrap_or_else(|| Node::Struct(self.fields(names))),
            Call::Enum(names) => Node::Enum(self.members(names, Step::Variant)),
        }
    }

    /// The elements of a tuple or an array. Neighbours of one type are one part: arrays can be long.
    fn items(&mut self, len: usize) -> Vec<NodeId> {
        let types = len.checked_sub(1).map(|last| self.ask_at(Step::Item(last)).before).unwrap_or_default();
        let mut items: Vec<NodeId> = Vec::with_capacity(len);
        for at in 0..len {
            // serde's derive calls what reads a field by `with` or `deserialize_with` alike, whatever that is.
            let is_one_type = |ty: &&&str| types[at - 1] == **ty && !ty.contains("__DeserializeWith");
            let same = at > 0 && types.get(at).filter(is_one_type).is_some();
            let item = if same { items[at - 1] } else { self.child(Step::Item(at)) };
            items.push(item);
        }
        items
    }

    fn child(&mut self, step: Step) -> NodeId {
        let call = self.ask_at(step).call;
        self.child_of(step, call)
    }

    fn child_of(&mut self, step: Step, call: Call) -> NodeId {
        self.path.push(step);
        let id = self.node(call);
        self.path.pop();
        id
    }

    fn ask_at(&mut self, step: Step) -> Answer {
        self.path.push(step);
        let answer = self.ask();
        self.path.pop();
        answer
    }

    /// The fields of a struct, by their names; by their places where a type does not know its fields by name.
    fn fields(&mut self, names: &'static [&'static str]) -> Vec<Member> {
        match names.first().map(|first| self.ask_at(Step::Named(first, 0)).call) {
            Some(Call::Unknown) => names
                .iter()
                .enumerate()
                .map(|(at, name)| Member { names: vec![*name], node: self.child(Step::Item(at)) })
                .collect(),
            _ => self.members(names, Step::Named),
        }
    }

    /// The members with these names, some of which can be second names of the member before.
    fn members(&mut self, names: &'static [&'static str], step: fn(&'static str, usize) -> Step) -> Vec<Member> {
        let mut members: Vec<Member> = Vec::new();
        let mut last = None;
        for (at, name) in names.iter().enumerate() {
            let answer = self.ask_at(step(name, at));
            match members.last_mut() {
                Some(member) if answer.meaning == last && self.tells_apart(&answer, step) => member.names.push(name),
                _ => {
                    let node = self.child_of(step(name, at), answer.call);
                    members.push(Member { names: vec![name], node });
                }
            }
            last = answer.meaning;
        }
        members
    }

    /// Whether the type takes this name for a member, and not merely as a text.
    fn tells_apart(&mut self, answer: &Answer, step: fn(&'static str, usize) -> Step) -> bool {
        let other = self.ask_at(step("\0 no name", usize::MAX));
        answer.meaning.is_some() && other.meaning != answer.meaning
    }

    /// Whether the type needs names, which a binary format does not have: by this one it goes on, and by the place it does not.
    fn needs(&mut self, by_name: Step, by_place: Step) -> bool {
        let is_asked = |answer: &Answer| !matches!(answer.call, Call::Unknown | Call::Nothing);
        let is_unknown = |answer: &Answer| matches!(answer.call, Call::Unknown);
        !self.human_readable && is_asked(&self.ask_at(by_name)) && is_unknown(&self.ask_at(by_place))
    }

    /// What an adjacently tagged enum is: a struct of a tag and a content that depends on it.
    fn adjacent(&mut self, names: &'static [&'static str]) -> Option<Node> {
        let [tag, content] = names else { return None };
        let variants = match (self.ask_at(Step::Named(tag, 0)).call, self.ask_at(Step::Named(content, 1)).call) {
            (Call::Enum(variants), Call::Any) => variants,
            _ => return None,
        };
        let contents = (0..variants.len()).map(|at| self.ask_at(Step::Content(tag, content, at)).call);
        let contents: Vec<_> = contents.collect();
        if contents.iter().all(|call| matches!(call, Call::Unknown | Call::Nothing)) {
            // The content does not depend on anything: it is of any kind.
            return None;
        }
        let tag_node = self.child(Step::Named(tag, 0));
        let by_tag = self.nodes.len();
        self.nodes.push(Node::Unknown);
        let node = |(at, call)| self.child_of(Step::Content(tag, content, at), call);
        self.nodes[by_tag] = Node::ByTag(contents.into_iter().enumerate().map(node).collect());
        let tag = Member { names: vec![tag], node: tag_node };
        Some(Node::Struct(vec![tag, Member { names: vec![content], node: by_tag }]))
    }
}
