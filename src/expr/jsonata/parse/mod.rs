//! From text to tree, by binding powers (Pratt).
//!
//! Paths are flat here already, and so are operators of one precedence, so that a long text makes no deep tree. How
//! deep it may be is [`NESTING_MAX`].

mod ast;
mod lexer;
mod parent;
mod postfix;
mod prefix;

pub(super) use ast::{Ast, Id, Kind, Operator, StageAst, StepParts};

use ast::Seeker;
use lexer::{Lexer, Token};

use crate::value::{Text, Value};

/// How many expressions may stand in one another.
const NESTING_MAX: usize = 256;

/// Why a text is no expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) at: usize,
}

impl Refusal {
    pub(super) fn new(code: &'static str, message: impl Into<String>, at: usize) -> Self {
        Self {
            code,
            message: message.into(),
            at,
        }
    }
}

/// The tree of a text.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Ast>,
    pub(super) root: Id,
}

/// Parses a whole text.
pub(super) fn parse(text: &str) -> Result<Tree, Refusal> {
    let mut parser = Parser {
        lexer: Lexer::new(text),
        token: Token::End,
        at: 0,
        nodes: Vec::new(),
        nesting: 0,
        parents: 0,
        deferred: None,
    };
    parser.advance()?;
    let root = parser.expression(0)?;
    if parser.token != Token::End {
        let message = format!("Syntax error: {}", parser.quoted());
        return Err(Refusal::new("S0201", message, parser.at));
    }
    if let Some(refusal) = parser.deferred {
        return Err(refusal);
    }
    if !parser.node(root).seeking.is_empty() {
        return Err(parent::underivable(parser.node(root).at));
    }
    Ok(Tree {
        nodes: parser.nodes,
        root,
    })
}

struct Parser<'t> {
    lexer: Lexer<'t>,
    /// What comes next, and where.
    token: Token,
    at: usize,
    nodes: Vec<Ast>,
    nesting: usize,
    /// How many `%` there were.
    parents: usize,
    /// What is wrong although all of it can be read.
    deferred: Option<Refusal>,
}

impl Parser<'_> {
    fn advance(&mut self) -> Result<(), Refusal> {
        let (token, at) = self.lexer.next()?;
        if let Token::Symbol(symbol @ ("!" | "~")) = token {
            let message = format!("Unknown operator: {symbol:?}");
            return Err(Refusal::new("S0204", message, at));
        }
        (self.token, self.at) = (token, at);
        Ok(())
    }

    fn is(&self, symbol: &str) -> bool {
        matches!(self.token, Token::Symbol(s) if s == symbol)
    }

    /// Takes a symbol if it is next.
    fn takes(&mut self, symbol: &str) -> Result<bool, Refusal> {
        let is = self.is(symbol);
        if is {
            self.advance()?;
        }
        Ok(is)
    }

    fn expect(&mut self, symbol: &str) -> Result<(), Refusal> {
        if self.takes(symbol)? {
            return Ok(());
        }
        Err(if self.token == Token::End {
            let message = format!("Expected {symbol:?} before end of expression");
            Refusal::new("S0203", message, self.at)
        } else {
            let message = format!("Expected {symbol:?}, got {}", self.quoted());
            Refusal::new("S0202", message, self.at)
        })
    }

    /// The next token as an error tells it.
    fn quoted(&self) -> String {
        match &self.token {
            Token::End => "\"(end)\"".to_owned(),
            Token::Symbol(symbol) => format!("{symbol:?}"),
            Token::Name(name) | Token::Variable(name) => Value::from(name.clone()).to_json(),
            Token::Literal(value) => value.to_json(),
        }
    }

    /// Parses what binds tighter than `power`.
    fn expression(&mut self, power: u8) -> Result<Id, Refusal> {
        if self.nesting >= NESTING_MAX {
            return Err(too_deep(self.at));
        }
        self.nesting += 1;
        let mut left = self.prefix()?;
        loop {
            let Token::Symbol(symbol) = self.token else {
                break;
            };
            if binding_power(symbol) <= power {
                break;
            }
            let at = self.at;
            self.advance()?;
            left = self.postfix(left, symbol, at)?;
        }
        self.nesting -= 1;
        Ok(left)
    }

    fn node(&self, id: Id) -> &Ast {
        self.nodes
            .get(id as usize)
            .expect("ids are those of nodes in the table")
    }

    fn node_mut(&mut self, id: Id) -> &mut Ast {
        self.nodes
            .get_mut(id as usize)
            .expect("ids are those of nodes in the table")
    }

    /// Adds a node upon `children`, whose unanswered `%` become its own.
    fn add(&mut self, kind: Kind, at: usize, children: &[Id]) -> Result<Id, Refusal> {
        let mut seeking = Vec::new();
        let mut height = 0;
        for child in children {
            let child = self.node_mut(*child);
            height = height.max(child.height);
            seeking.append(&mut child.seeking);
        }
        if height >= NESTING_MAX {
            return Err(too_deep(at));
        }
        self.push(kind, at, height + 1, seeking)
    }

    fn push(
        &mut self,
        kind: Kind,
        at: usize,
        height: usize,
        seeking: Vec<Seeker>,
    ) -> Result<Id, Refusal> {
        let id = Id::try_from(self.nodes.len()).map_err(|_| too_deep(at))?;
        self.nodes.push(Ast {
            kind,
            at,
            height,
            predicates: Vec::new(),
            group: None,
            keep_array: false,
            constructs: false,
            step: StepParts::default(),
            seeking,
        });
        Ok(id)
    }

    /// A `%` of its own name.
    fn parent(&mut self, at: usize) -> Result<Id, Refusal> {
        self.parents += 1;
        let name = Text::from(format!("%{}", self.parents));
        let seeker = Seeker {
            name: name.clone(),
            level: 1,
        };
        self.push(Kind::Parent(name), at, 1, vec![seeker])
    }
}

/// How tightly an operator holds what stands before it; 0 if it does not.
fn binding_power(symbol: &str) -> u8 {
    match symbol {
        "[" | "(" | "@" | "#" => 80,
        "." => 75,
        "{" => 70,
        "*" | "/" | "%" => 60,
        "+" | "-" | "&" => 50,
        "=" | "<" | ">" | "!=" | "<=" | ">=" | "in" | "^" | "~>" => 40,
        "and" => 30,
        "or" => 25,
        "?" => 20,
        ":=" => 10,
        _ => 0,
    }
}

fn too_deep(at: usize) -> Refusal {
    let message = format!("The expression is nested deeper than {NESTING_MAX} levels");
    Refusal::new("S0500", message, at)
}
