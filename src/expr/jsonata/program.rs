//! What an expression is compiled to: nodes in one table, variables as places in frames.

use super::builtin::Builtin;
use super::parse::Operator;
use super::signature::Signature;
use crate::value::{Hint, Keys, Text, Value};

/// The place of a node in the table.
pub(super) type NodeId = u32;

/// A compiled expression.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) nodes: Vec<Node>,
    pub(super) root: NodeId,
    /// How many variables the expression binds outside of every block.
    pub(super) slots: usize,
    pub(super) regexes: Vec<super::regex::Regex>,
}

/// Something to evaluate.
#[derive(Debug)]
pub(super) enum Node {
    Literal(Value),
    /// `$`
    Context,
    /// `$$`
    Root,
    Variable(Variable),
    /// Fields of the context, one in the other; nothing else happens on the way.
    Walk(Box<[Field]>),
    /// The same of a variable.
    VariableWalk(Box<(Variable, Box<[Field]>)>),
    Wildcard,
    Descendants,
    Path(Box<Path>),
    Array {
        items: Box<[Item]>,
        /// It is a step that is not to be taken apart.
        constructed: bool,
    },
    Object(Box<Pairs>),
    Negate(NodeId),
    /// Arithmetic, texts and comparisons from left to right.
    Chain(NodeId, Box<[(Operator, NodeId)]>),
    /// Of `and` and `or`, each evaluated only if it can still matter.
    Logic(NodeId, Box<[(Operator, NodeId)]>),
    Block {
        /// How many variables are bound in it.
        slots: usize,
        expressions: Box<[NodeId]>,
    },
    Condition {
        condition: NodeId,
        then: NodeId,
        otherwise: Option<NodeId>,
    },
    Bind {
        hops: usize,
        slot: usize,
        value: NodeId,
    },
    Lambda(Box<LambdaNode>),
    Call(Box<Call>),
    /// `value ~> call(…)`
    ApplyCall {
        value: NodeId,
        call: NodeId,
    },
    Apply {
        value: NodeId,
        function: NodeId,
    },
    /// By its place among the program's.
    Regex(usize),
    Transform {
        pattern: NodeId,
        update: NodeId,
        delete: Option<NodeId>,
    },
    /// What stands behind another node.
    Behind(Box<Behind>),
}

/// An element of an array constructor.
#[derive(Clone, Copy, Debug)]
pub(super) enum Item {
    /// Arrays are joined to it.
    Joined(NodeId),
    /// An array constructor in the constructor stays an array.
    Nested(NodeId),
    Range(NodeId, NodeId),
}

/// A field that a walk goes to.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: Text,
    near: Hint,
}

impl Field {
    /// The field of an object.
    pub(super) fn of<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        value.as_object()?.get_near(&self.name, &self.near)
    }
}

impl From<Text> for Field {
    fn from(name: Text) -> Self {
        let near = Hint::default();
        Self { name, near }
    }
}

/// Keys and values.
#[derive(Debug)]
pub(super) struct Pairs {
    pub(super) pairs: Box<[(NodeId, NodeId)]>,
    /// The keys, where they are texts known beforehand, all different.
    pub(super) keys: Option<Keys>,
}

/// Predicates, group and `[]` behind a node that is no path.
#[derive(Debug)]
pub(super) struct Behind {
    pub(super) node: NodeId,
    pub(super) predicates: Box<[Stage]>,
    pub(super) group: Option<Pairs>,
    pub(super) keep_array: bool,
}

/// Where a variable may be found: in the first of these places that is bound, else outside.
#[derive(Debug)]
pub(super) struct Variable {
    pub(super) name: Text,
    /// How many frames out, and which slot there.
    pub(super) places: Box<[(usize, usize)]>,
    pub(super) builtin: Option<Builtin>,
}

/// Steps one after the other.
#[derive(Debug)]
pub(super) struct Path {
    pub(super) steps: Box<[Step]>,
    /// The first step from which on bindings are carried along.
    pub(super) binds_from: Option<usize>,
    /// What is bound is wanted by what the path is in.
    pub(super) carries: bool,
    /// The names of what the path binds: the slots of its frames.
    pub(super) names: Box<[Text]>,
    pub(super) keeps_array: bool,
    pub(super) group: Option<Pairs>,
    /// It begins with something other than a variable, so an array as input is taken element by element.
    pub(super) spreads_input: bool,
}

/// One step.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) kind: StepKind,
    /// It is evaluated once for the whole input.
    pub(super) constructs: bool,
    pub(super) stages: Box<[Stage]>,
    pub(super) focus: Option<usize>,
    pub(super) index: Option<usize>,
    pub(super) parents: Box<[usize]>,
    /// What is bound inside of it is wanted.
    pub(super) carries: bool,
    /// It is a field with `[]` behind it.
    pub(super) keep_array: bool,
}

impl Step {
    /// A step that is a node and nothing else.
    pub(super) fn of(node: NodeId) -> Self {
        Self {
            kind: StepKind::Node(node),
            constructs: false,
            stages: Box::default(),
            focus: None,
            index: None,
            parents: Box::default(),
            carries: false,
            keep_array: false,
        }
    }
}

/// What a step does.
#[derive(Debug)]
pub(super) enum StepKind {
    Field(Text),
    Node(NodeId),
    /// Each term and whether it descends.
    Sort(Box<[(NodeId, bool)]>),
}

/// What is done with a step's results.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stage {
    /// An element by its place, from the end if negative.
    At(i64),
    Filter(NodeId),
    /// The place of each result is bound.
    Index(usize),
}

/// A function as it is written.
#[derive(Debug)]
pub(super) struct LambdaNode {
    pub(super) parameters: usize,
    /// Parameters and what the body binds.
    pub(super) slots: usize,
    pub(super) signature: Option<Signature>,
    pub(super) body: NodeId,
}

/// A call as it is written.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) function: NodeId,
    /// The function, where it is known to be a built-in one.
    pub(super) builtin: Option<Builtin>,
    /// `None` for a `?`.
    pub(super) arguments: Box<[Option<NodeId>]>,
    /// What errors call the function.
    pub(super) name: Option<Text>,
    /// The function is a bare name, as if its `$` was forgotten.
    pub(super) bare: Option<Variable>,
}
