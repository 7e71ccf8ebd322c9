//! The tree that the parser builds: nodes in one table, addressed by number.

use crate::expr::jsonata::signature::Signature;
use crate::value::{Text, Value};

/// The place of a node in the table.
pub(in super::super) type Id = u32;

/// A node, and what has been said of it by what stands behind or around it.
#[derive(Debug)]
pub(in super::super) struct Ast {
    pub(in super::super) kind: Kind,
    /// The offset in the text.
    pub(in super::super) at: usize,
    /// How many nodes stand upon one another here.
    pub(super) height: usize,
    /// `[…]` behind a node that is no path.
    pub(in super::super) predicates: Vec<Id>,
    /// `{…}` behind it.
    pub(in super::super) group: Option<Vec<(Id, Id)>>,
    /// `[]` behind it: a result of one element stays an array.
    pub(in super::super) keep_array: bool,
    /// An array constructor that begins or ends a path: its array is not taken apart.
    pub(in super::super) constructs: bool,
    /// What a step of a path has, beside being a node.
    pub(in super::super) step: StepParts,
    /// Which `%` in here ask for the parent of something further out.
    pub(super) seeking: Vec<Seeker>,
}

/// What a step of a path has, beside being a node.
#[derive(Debug, Default)]
pub(in super::super) struct StepParts {
    /// `[…]` and `#$i`, in their order.
    pub(in super::super) stages: Vec<StageAst>,
    /// `@$x`
    pub(in super::super) focus: Option<Text>,
    /// `#$i` where nothing stands before it.
    pub(in super::super) index: Option<Text>,
    /// The names by which its input is asked for with `%`.
    pub(in super::super) parents: Vec<Text>,
    /// Whether it takes part in binding anything.
    pub(in super::super) binds: bool,
}

/// A stage of a step.
#[derive(Clone, Debug)]
pub(in super::super) enum StageAst {
    Filter(Id),
    Index(Text),
}

/// A `%` on its way out to what it is the parent of.
#[derive(Clone, Debug)]
pub(super) struct Seeker {
    pub(super) name: Text,
    /// How many steps are still to be gone back.
    pub(super) level: usize,
}

/// What a node is.
#[derive(Debug)]
pub(in super::super) enum Kind {
    Literal(Value),
    Name(Text),
    Variable(Text),
    Wildcard,
    Descendants,
    /// `%`, by a name of its own that no variable can have.
    Parent(Text),
    Path {
        steps: Vec<Id>,
        /// One of the steps has `[]` behind it.
        keeps_array: bool,
    },
    Array(Vec<Id>),
    Range(Id, Id),
    Object(Vec<(Id, Id)>),
    Negate(Id),
    /// Operators of one precedence from left to right.
    Chain(Id, Vec<(Operator, Id)>),
    Block(Vec<Id>),
    Condition(Id, Id, Option<Id>),
    Bind(Text, Id),
    Lambda {
        parameters: Vec<Text>,
        signature: Option<Signature>,
        body: Id,
    },
    Call(Id, Vec<Id>),
    /// `?` among the arguments of a call.
    Placeholder,
    /// `~>`
    Apply(Id, Id),
    /// `^(…)`, a step; each term and whether it descends.
    Sort(Vec<(Id, bool)>),
    Regex {
        pattern: String,
        flags: String,
    },
    Transform {
        pattern: Id,
        update: Id,
        delete: Option<Id>,
    },
}

/// An operator between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Concatenate,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    And,
    Or,
}

impl Operator {
    pub(super) fn of(symbol: &str) -> Option<Self> {
        Some(match symbol {
            "+" => Self::Add,
            "-" => Self::Subtract,
            "*" => Self::Multiply,
            "/" => Self::Divide,
            "%" => Self::Remainder,
            "&" => Self::Concatenate,
            "=" => Self::Equal,
            "!=" => Self::NotEqual,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            "in" => Self::In,
            "and" => Self::And,
            "or" => Self::Or,
            _ => return None,
        })
    }

    /// Whether it makes a number of two.
    pub(in super::super) const fn calculates(self) -> bool {
        matches!(
            self,
            Self::Add | Self::Subtract | Self::Multiply | Self::Divide | Self::Remainder
        )
    }

    /// Whether it compares its operands, and so gives a truth value if it gives anything.
    pub(in super::super) const fn compares(self) -> bool {
        matches!(
            self,
            Self::Equal
                | Self::NotEqual
                | Self::Less
                | Self::LessOrEqual
                | Self::Greater
                | Self::GreaterOrEqual
        )
    }

    /// As it is written.
    pub(in super::super) const fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
            Self::Concatenate => "&",
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::In => "in",
            Self::And => "and",
            Self::Or => "or",
        }
    }
}
