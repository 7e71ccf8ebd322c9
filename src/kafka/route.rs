//! Which workflow an event is for.

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
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Taker {
    /// The workflow's place in the list of all workflows.
    workflow: usize,
    when: Option<HeaderEquals>,
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
                    when: workflow.when.clone(),
                    order: workflow.order,
                };
                match topics.iter_mut().find(|topic| topic.name == *name) {
                    Some(topic) => topic.takers.push(taker),
                    None => topics.push(TopicRoute {
                        name: name.clone(),
                        takers: vec![taker],
                    }),
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
        self.takers.iter().find(|taker| match &taker.when {
            None => true,
            Some(when) => when.holds(headers()),
        })
    }
}

impl HeaderEquals {
    fn holds<'a>(&self, headers: impl Iterator<Item = Header<'a>>) -> bool {
        let named = headers.filter(|(name, _)| *name == self.header.as_bytes());
        named.last().and_then(|(_, value)| value) == Some(self.equals.as_bytes())
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
            dead_letter_headers: DeadLetterHeaders::None,
            logs: None,
            reply: None,
        }
    }

    #[test]
    fn the_first_workflow_whose_condition_holds_takes_the_record() {
        let conditional = [
            workflow("a", Some(("kind", "a"))),
            workflow("b", Some(("kind", "b"))),
        ];
        let with_last = [&conditional[..], &[workflow("rest", None)]].concat();
        // Headers, who takes it of the two, who of the three.
        let cases: [(&[Header<'_>], Option<usize>, usize); 6] = [
            (&[(b"kind", Some(b"a"))], Some(0), 0),
            (&[(b"kind", Some(b"b"))], Some(1), 1),
            (&[(b"kind", Some(b"a")), (b"kind", Some(b"b"))], Some(1), 1),
            (&[(b"kind", None)], None, 2),
            (&[(b"\xff", Some(b"a"))], None, 2),
            (&[], None, 2),
        ];
        for (headers, of_two, of_three) in cases {
            let route = |workflows| {
                let routes = Routes::new(workflows, "g", "g");
                let topic = routes
                    .topic(routes.topic_number("in").expect("read"))
                    .expect("read");
                topic.workflow(|| headers.iter().copied())
            };
            assert_eq!(route(&conditional), of_two, "{headers:?}");
            assert_eq!(route(&with_last), Some(of_three), "{headers:?}");
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
