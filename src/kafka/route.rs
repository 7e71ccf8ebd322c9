//! Which workflow an event is for. What it takes to know does not grow with the workflows, but with the headers that they ask for.

use std::collections::HashMap;

use super::settings::{HeaderEquals, Order, WorkflowSettings};

/// The topics that one group reads, and who takes their records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routes {
    topics: Vec<TopicRoute>,
}

/// One topic and the workflows that take its records, in the order in which they are asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicRoute {
    /// The topic's name.
    pub name: String,
    takers: Vec<Taker>,
    /// By the header that they ask for: the first taker of each value, as a place in `takers`.
    conditions: Vec<(String, HashMap<Vec<u8>, usize>)>,
    /// The first taker of whatever comes.
    unconditional: Option<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Taker {
    /// The workflow's place in the list of all workflows.
    workflow: usize,
    order: Order,
}

/// The name and value of a header as received.
pub type Header<'a> = (&'a [u8], Option<&'a [u8]>);

impl Routes {
    /// The routes of the workflows that belong to `group`; `default_group` is that of workflows that name none.
    #[must_use]
    pub fn new(workflows: &[WorkflowSettings], default_group: &str, group: &str) -> Self {
        let mut topics: Vec<TopicRoute> = Vec::new();
        for (index, workflow) in workflows.iter().enumerate() {
            if workflow.group.as_deref().unwrap_or(default_group) != group {
                continue;
            }
            for name in &workflow.topics {
                let taker = Taker {
                    workflow: index,
                    order: workflow.order,
                };
                let number = match topics.iter().position(|topic| topic.name == *name) {
                    Some(number) => number,
                    None => {
                        topics.push(TopicRoute::new(name));
                        topics.len() - 1
                    }
                };
                if let Some(topic) = topics.get_mut(number) {
                    topic.add(taker, workflow.when.as_ref());
                }
            }
        }
        Self { topics }
    }

    /// All topics, in the order in which [`super::group::PartitionId`] numbers them.
    #[must_use]
    pub fn topics(&self) -> &[TopicRoute] {
        &self.topics
    }

    /// The numbers of the topics that a workflow takes records of.
    pub fn topics_of(&self, workflow: usize) -> impl Iterator<Item = u32> + '_ {
        let takes = move |topic: &TopicRoute| topic.takers.iter().any(|t| t.workflow == workflow);
        let numbered = (0..).zip(&self.topics);
        numbered.filter_map(move |(number, topic)| takes(topic).then_some(number))
    }

    /// A topic's number.
    #[must_use]
    pub fn topic_number(&self, name: &str) -> Option<u32> {
        let number = self.topics.iter().position(|topic| topic.name == name)?;
        u32::try_from(number).ok()
    }

    /// A topic by its number.
    #[must_use]
    pub fn topic(&self, number: u32) -> Option<&TopicRoute> {
        self.topics.get(number as usize)
    }
}

impl TopicRoute {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            takers: Vec::new(),
            conditions: Vec::new(),
            unconditional: None,
        }
    }

    fn add(&mut self, taker: Taker, when: Option<&HeaderEquals>) {
        let place = self.takers.len();
        self.takers.push(taker);
        let Some(HeaderEquals { header, equals }) = when else {
            self.unconditional.get_or_insert(place);
            return;
        };
        let known = self.conditions.iter().position(|(name, _)| name == header);
        if known.is_none() {
            self.conditions.push((header.clone(), HashMap::new()));
        }
        let at = known.unwrap_or(self.conditions.len() - 1);
        if let Some((_, values)) = self.conditions.get_mut(at) {
            let value = equals.clone().into_bytes();
            values.entry(value).or_insert(place);
        }
    }

    /// The workflow that takes a record with these headers: the first whose condition holds.
    pub fn workflow<'a, H: Iterator<Item = Header<'a>>>(
        &self,
        headers: impl Fn() -> H,
    ) -> Option<usize> {
        self.taker(headers).map(|taker| taker.workflow)
    }

    /// How records with these headers are kept in order.
    pub fn order<'a, H: Iterator<Item = Header<'a>>>(&self, headers: impl Fn() -> H) -> Order {
        self.taker(headers).map_or(Order::None, |taker| taker.order)
    }

    /// Who answers for records that nobody takes: the topic's first workflow, to whose dead letters they go.
    #[must_use]
    pub fn answerable(&self) -> usize {
        self.takers.first().map_or(0, |taker| taker.workflow)
    }

    fn taker<'a, H: Iterator<Item = Header<'a>>>(&self, headers: impl Fn() -> H) -> Option<&Taker> {
        let conditional = self.conditions.iter().filter_map(|(header, values)| {
            let named = headers().filter(|(name, _)| *name == header.as_bytes());
            let (_, value) = named.last()?;
            values.get(value?).copied()
        });
        let place = conditional.chain(self.unconditional).min()?;
        self.takers.get(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::settings::DeadLetterHeaders;

    fn workflow(name: &str, when: Option<(&str, &str)>) -> WorkflowSettings {
        WorkflowSettings {
            name: name.to_owned(),
            topics: vec!["in".to_owned()],
            group: None,
            when: when.map(|(header, equals)| HeaderEquals {
                header: header.to_owned(),
                equals: equals.to_owned(),
            }),
            order: Order::None,
            results: None,
            failures: None,
            dead_letters: "dead".to_owned(),
            dead_letter_limit: None,
            deduplicate: None,
            dead_letter_headers: DeadLetterHeaders::None,
            logs: None,
            reply: None,
        }
    }

    /// Headers; who takes it of the two, of these and one that takes all, of those that ask for two headers.
    type Case = (
        &'static [Header<'static>],
        Option<usize>,
        usize,
        Option<usize>,
    );

    #[test]
    fn the_first_workflow_whose_condition_holds_takes_the_record() {
        let conditional = [
            workflow("a", Some(("kind", "a"))),
            workflow("b", Some(("kind", "b"))),
        ];
        let with_last = [
            &conditional[..],
            &[
                workflow("rest", None),
                workflow("late", Some(("kind", "c"))),
                workflow("other", Some(("size", "1"))),
                workflow("again", Some(("kind", "a"))),
            ],
        ]
        .concat();
        let two_headers = [
            workflow("one", Some(("size", "1"))),
            workflow("a", Some(("kind", "a"))),
            workflow("again", Some(("size", "1"))),
            workflow("two", Some(("size", "2"))),
        ];
        let cases: [Case; 9] = [
            (&[(b"kind", Some(b"a"))], Some(0), 0, Some(1)),
            (&[(b"kind", Some(b"b"))], Some(1), 1, None),
            (
                &[(b"kind", Some(b"a")), (b"kind", Some(b"b"))],
                Some(1),
                1,
                None,
            ),
            (&[(b"kind", None)], None, 2, None),
            (&[(b"\xff", Some(b"a"))], None, 2, None),
            (&[], None, 2, None),
            (&[(b"kind", Some(b"c"))], None, 2, None),
            (
                &[(b"kind", Some(b"a")), (b"size", Some(b"1"))],
                Some(0),
                0,
                Some(0),
            ),
            (
                &[(b"kind", Some(b"a")), (b"size", Some(b"2"))],
                Some(0),
                0,
                Some(1),
            ),
        ];
        for (headers, of_two, of_three, of_headers) in cases {
            let route = |workflows| {
                let routes = Routes::new(workflows, "g", "g");
                let topic = routes
                    .topic(routes.topic_number("in").expect("read"))
                    .expect("read");
                topic.workflow(|| headers.iter().copied())
            };
            assert_eq!(route(&conditional), of_two, "{headers:?}");
            assert_eq!(route(&with_last), Some(of_three), "{headers:?}");
            assert_eq!(route(&two_headers), of_headers, "{headers:?}");
        }
    }

    #[test]
    fn a_group_reads_only_its_own_topics() {
        let mut other = workflow("b", None);
        other.group = Some("other".to_owned());
        other.topics = vec!["x".to_owned(), "in".to_owned()];
        let workflows = [workflow("a", None), other];
        let names = |group| {
            let routes = Routes::new(&workflows, "g", group);
            routes
                .topics()
                .iter()
                .map(|t| t.name.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(names("g"), ["in"]);
        assert_eq!(names("other"), ["x", "in"]);
    }
}
