//! Signatures of functions, such as `<n-n:n>`: what arguments they take, and how those are coerced.

use super::datum::{Datum, Elements, kind_letter, plain_array, value_letter};
use super::error::{CALLED, Fault, fault};
use crate::value::Value;

/// A signature that was understood.
#[derive(Clone, Debug)]
pub(super) struct Signature {
    parameters: Box<[Parameter]>,
}

#[derive(Clone, Debug, Default)]
struct Parameter {
    /// Letters of the kinds it takes; `m` stands for nothing.
    kinds: Vec<u8>,
    array: bool,
    /// What the elements of the array must be.
    elements: Option<String>,
    optional: bool,
    /// Where no argument is given, the context takes its place.
    context: bool,
    /// One or more.
    many: bool,
}

impl Signature {
    /// Reads a signature with its brackets; the part behind `:` is not looked at.
    ///
    /// # Errors
    /// A code and a text.
    pub(super) fn parse(text: &str) -> Result<Self, (&'static str, &'static str)> {
        let mut parameters: Vec<Parameter> = Vec::new();
        let mut rest = text.strip_prefix('<').unwrap_or(text).chars();
        while let Some(symbol) = rest.next() {
            match symbol {
                ':' => break,
                's' | 'n' | 'b' | 'l' | 'o' => {
                    let kinds = format!("{symbol}m").into_bytes();
                    parameters.push(Parameter::of(kinds));
                }
                'a' => {
                    let mut parameter = Parameter::of(b"asnblfom".to_vec());
                    parameter.array = true;
                    parameters.push(parameter);
                }
                'f' => parameters.push(Parameter::of(b"f".to_vec())),
                'j' => parameters.push(Parameter::of(b"asnblom".to_vec())),
                'x' => parameters.push(Parameter::of(b"asnblfom".to_vec())),
                '(' => {
                    let choice: String = rest.by_ref().take_while(|c| *c != ')').collect();
                    if choice.contains('<') {
                        return Err((
                            "S0402",
                            "Choice groups containing parameterized types are not supported",
                        ));
                    }
                    parameters.push(Parameter::of(format!("{choice}m").into_bytes()));
                }
                '<' => {
                    let inner = bracketed(&mut rest);
                    match parameters.last_mut() {
                        Some(last) if last.array => last.elements = Some(inner),
                        Some(last) if last.kinds == b"f" => {}
                        _ => {
                            return Err((
                                "S0401",
                                "Type parameters can only be applied to functions and arrays",
                            ));
                        }
                    }
                }
                '-' | '?' | '+' => {
                    if let Some(last) = parameters.last_mut() {
                        last.optional |= symbol != '+';
                        last.context |= symbol == '-';
                        last.many |= symbol == '+';
                    }
                }
                _ => {}
            }
        }
        Ok(Self {
            parameters: parameters.into(),
        })
    }

    /// The arguments as the function takes them: a context filled in, a single value made an array.
    pub(super) fn apply(
        &self,
        arguments: Vec<Datum>,
        context: &Datum,
    ) -> Result<Vec<Datum>, Fault> {
        if self.fits(&arguments) {
            return Ok(arguments);
        }
        let letters: Vec<u8> = arguments.iter().map(kind_letter).collect();
        let Some(counts) = self.distribute(&letters) else {
            return Err(self.misfit(&letters));
        };
        let mut taken = Vec::with_capacity(self.parameters.len());
        let mut rest = arguments.into_iter();
        let mut position = 0;
        for (parameter, count) in self.parameters.iter().zip(counts) {
            if count == 0 {
                taken.push(parameter.absent(context, position, &mut rest)?);
                position += usize::from(!parameter.context);
                continue;
            }
            for argument in rest.by_ref().take(count) {
                position += 1;
                taken.push(parameter.coerce(argument, position)?);
            }
        }
        Ok(taken)
    }

    /// The usual case: each parameter has its argument, and there is nothing to coerce.
    fn fits(&self, arguments: &[Datum]) -> bool {
        arguments.len() == self.parameters.len()
            && self.parameters.iter().zip(arguments).all(|(p, a)| {
                !p.array && !p.many && p.kinds.contains(&kind_letter(a))
                    || p.array
                        && !p.many
                        && a.elements().is_some()
                        && p.elements.as_ref().is_none_or(|wanted| holds(a, wanted))
            })
    }

    /// How many arguments each parameter takes, the earlier ones as many as they can.
    fn distribute(&self, letters: &[u8]) -> Option<Vec<usize>> {
        let count = self.parameters.len();
        // possible[p][a]: the parameters from p on can take the arguments from a on.
        let mut possible = vec![vec![false; letters.len() + 1]; count + 1];
        *possible.get_mut(count)?.get_mut(letters.len())? = true;
        for p in (0..count).rev() {
            for a in 0..=letters.len() {
                let can = self.choices(p, a, letters).any(|n| {
                    possible
                        .get(p + 1)
                        .and_then(|row| row.get(a + n))
                        .is_some_and(|can| *can)
                });
                *possible.get_mut(p)?.get_mut(a)? = can;
            }
        }
        let mut counts = Vec::with_capacity(count);
        let mut at = 0;
        for p in 0..count {
            let n = self.choices(p, at, letters).find(|n| {
                possible
                    .get(p + 1)
                    .and_then(|row| row.get(at + n))
                    .is_some_and(|can| *can)
            })?;
            counts.push(n);
            at += n;
        }
        (at == letters.len()).then_some(counts)
    }

    /// How many of the arguments from `at` on a parameter can take, the most first.
    fn choices(&self, p: usize, at: usize, letters: &[u8]) -> impl Iterator<Item = usize> {
        let (most, least) = self.parameters.get(p).map_or((0, 0), |parameter| {
            let rest = letters.get(at..).unwrap_or_default();
            let limit = if parameter.many { rest.len() } else { 1 };
            let fitting = rest.iter().take(limit);
            let most = fitting
                .take_while(|letter| parameter.kinds.contains(letter))
                .count();
            (most, usize::from(!parameter.optional))
        });
        (least..=most).rev()
    }

    /// Says which argument does not fit: the first behind those that the longest fitting start of the signature takes.
    fn misfit(&self, letters: &[u8]) -> Fault {
        let mut good = 0;
        let mut at = 0;
        for p in 0..self.parameters.len() {
            match self.choices(p, at, letters).next() {
                Some(n) => at += n,
                None => break,
            }
            good = at;
        }
        fault(
            "T0410",
            format!(
                "Argument {} of function {CALLED} does not match function signature",
                good + 1
            ),
        )
    }
}

impl Parameter {
    fn of(kinds: Vec<u8>) -> Self {
        Self {
            kinds,
            ..Self::default()
        }
    }

    /// What stands for an argument that is not there.
    fn absent(
        &self,
        context: &Datum,
        position: usize,
        rest: &mut impl Iterator<Item = Datum>,
    ) -> Result<Datum, Fault> {
        if !self.context {
            return Ok(rest.next().unwrap_or(Datum::Nothing));
        }
        if self.kinds.contains(&kind_letter(context)) {
            return Ok(context.clone());
        }
        Err(fault(
            "T0411",
            format!(
                "Context value is not a compatible type with argument {} of function {CALLED}",
                position + 1
            ),
        ))
    }

    fn coerce(&self, argument: Datum, position: usize) -> Result<Datum, Fault> {
        if !self.array || argument.is_nothing() {
            return Ok(argument);
        }
        if let Some(wanted) = &self.elements
            && !holds(&argument, wanted)
        {
            let plural = match wanted.as_str() {
                "n" => "numbers",
                "s" => "strings",
                "b" => "booleans",
                "a" => "arrays",
                "o" => "objects",
                "f" => "functions",
                other => other,
            };
            return Err(fault(
                "T0412",
                format!(
                    "Argument {position} of function {CALLED} must be an array of \"{plural}\""
                ),
            ));
        }
        if argument.elements().is_some() {
            return Ok(argument);
        }
        plain_array(vec![argument])
    }
}

/// Whether it is an array of one kind of elements, or such an element.
fn holds(argument: &Datum, wanted: &str) -> bool {
    let first = wanted.bytes().next();
    match argument.elements() {
        None => Some(kind_letter(argument)) == first && wanted.len() == 1,
        Some(Elements::Values(values)) => {
            // Numbers and texts are told without a look at their contents.
            match wanted {
                "n" => values.iter().all(Value::is_number),
                "s" => values.iter().all(|value| value.as_text().is_some()),
                _ => values
                    .iter()
                    .all(|value| Some(value_letter(value)) == first),
            }
        }
        Some(Elements::Data(data)) => {
            let mut letters = data.iter().map(kind_letter);
            letters.all(|letter| Some(letter) == first)
        }
    }
}

/// The rest of `<…>`, without the closing bracket.
fn bracketed(rest: &mut impl Iterator<Item = char>) -> String {
    let mut open = 1_usize;
    let mut inner = String::new();
    for c in rest {
        match c {
            '<' => open += 1,
            '>' => open -= 1,
            _ => {}
        }
        if open == 0 {
            break;
        }
        inner.push(c);
    }
    inner
}
