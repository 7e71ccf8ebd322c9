//! Object constructors and groups: members by key, for one item or for many.

use std::collections::HashMap;

use super::{Evaluator, FrameId};
use crate::expr::jsonata::datum::{Datum, append, object, whole};
use crate::expr::jsonata::error::{Fault, fault};
use crate::expr::jsonata::program::Pairs;
use crate::value::{Text, Value};

/// The items that share a key.
pub(super) struct Group<T> {
    pub(super) key: Text,
    /// Which of the pairs they came to their key by.
    pub(super) pair: usize,
    pub(super) items: Vec<T>,
}

impl Evaluator<'_> {
    pub(super) fn object(
        &mut self,
        pairs: &Pairs,
        input: &Datum,
        frame: FrameId,
    ) -> Result<Datum, Fault> {
        let Some(keys) = pairs.keys.as_ref().filter(|_| input.elements().is_none()) else {
            return self.group(pairs, input, frame);
        };
        let mut members = Vec::with_capacity(keys.len());
        for (_, value) in &pairs.pairs {
            members.push(self.eval(*value, input, frame)?);
        }
        let count = members.iter().filter(|m| !m.is_nothing()).count();
        self.take_elements(count * 2)?;
        if members.iter().all(|m| m.as_value().is_some()) {
            let values = members.into_iter().map(|member| match member {
                Datum::Value(value) => Ok(value),
                other => other.to_value(),
            });
            return whole(Value::of_keys(keys, values)??);
        }
        let members = keys.as_slice().iter().cloned().zip(members);
        object(members.filter(|(_, m)| !m.is_nothing()).collect())
    }

    /// One object of all items: those that share a key are the context of its value.
    pub(super) fn group(
        &mut self,
        pairs: &Pairs,
        input: &Datum,
        frame: FrameId,
    ) -> Result<Datum, Fault> {
        let mut items: Vec<Datum> = input.each().iter().collect();
        if items.is_empty() {
            items.push(Datum::Nothing);
        }
        let mut grouping = Grouping::default();
        for item in items {
            for (pair, (key, _)) in pairs.pairs.iter().enumerate() {
                let key = self.eval(*key, &item, frame)?;
                grouping.add(key, pair, item.clone())?;
            }
        }
        let mut members = Vec::with_capacity(grouping.groups.len());
        for group in grouping.groups {
            let mut context = Datum::Nothing;
            let count = group.items.len();
            if count == 1 {
                context = group.items.into_iter().next().unwrap_or(Datum::Nothing);
            } else {
                let mut joined = Vec::with_capacity(count);
                for item in group.items {
                    if !item.is_nothing() {
                        joined.extend(item.each().iter());
                    }
                }
                self.take_elements(joined.len())?;
                context = append(context, crate::expr::jsonata::datum::plain_array(joined)?)?;
            }
            if let Some((_, value)) = pairs.pairs.get(group.pair) {
                let member = self.eval(*value, &context, frame)?;
                if !member.is_nothing() {
                    members.push((group.key, member));
                }
            }
        }
        self.take_elements(members.len() * 2)?;
        object(members)
    }
}

/// Groups in the order of their first items.
pub(super) struct Grouping<T> {
    pub(super) groups: Vec<Group<T>>,
    places: HashMap<Text, usize>,
}

impl<T> Default for Grouping<T> {
    fn default() -> Self {
        Self {
            groups: Vec::new(),
            places: HashMap::new(),
        }
    }
}

impl<T> Grouping<T> {
    /// Adds an item under a key, which must be a text; under no key it is left out.
    pub(super) fn add(&mut self, key: Datum, pair: usize, item: T) -> Result<(), Fault> {
        if key.is_nothing() {
            return Ok(());
        }
        let Some(text) = key.as_text().cloned() else {
            let shown = key.to_value()?;
            let message =
                format!("Key in object structure must evaluate to a string; got: {shown}");
            return Err(fault("T1003", message));
        };
        let place = *self.places.entry(text.clone()).or_insert(self.groups.len());
        match self.groups.get_mut(place) {
            Some(group) if group.pair == pair => group.items.push(item),
            Some(_) => {
                let shown = Value::from(text);
                let message = format!("Multiple key definitions evaluate to same key: {shown}");
                return Err(fault("D1009", message));
            }
            None => self.groups.push(Group {
                key: text,
                pair,
                items: vec![item],
            }),
        }
        Ok(())
    }
}
