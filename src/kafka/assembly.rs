//! The parts of an edge put together, before anything runs.

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, bounded};

use super::answer::Answers;
use super::check;
use super::controls::Controls;
use super::duplicate::Recognizer;
use super::error::KafkaError;
use super::flight::{Flights, Parked};
use super::gate::Gates;
use super::group::{Group, GroupOptions};
use super::letters::Letters;
use super::outbox::Outbox;
use super::poll::{Joiner, Parts, PollLoop};
use super::port::Clients;
use super::producer::Producer;
use super::reply::Replies;
use super::report::Reporter;
use super::route::Routes;
use super::settings::{HeadBlock, KafkaSettings, WorkflowSettings};
use super::statistics::Counters;
use super::token::Slots;
use crate::engine::{Engine, Registry};

/// An edge that stands still.
pub(super) struct Assembly {
    pub(super) producer: Arc<Producer>,
    pub(super) outbox: Arc<Outbox>,
    pub(super) replies: Option<Arc<Replies>>,
    pub(super) counters: Arc<Counters>,
    pub(super) gates: Arc<Gates>,
    pub(super) members: Vec<Member>,
}

/// One group of it.
pub(super) struct Member {
    pub(super) name: String,
    pub(super) controls: Arc<Controls>,
    pub(super) reporter: Reporter,
    pub(super) poll_loop: PollLoop,
    /// Closed when the consumer is gone.
    pub(super) gone: Receiver<()>,
}

impl Assembly {
    /// Joins the groups of the workflows, which `registry` has.
    pub(super) fn new(
        settings: &KafkaSettings,
        workflows: &[WorkflowSettings],
        engine: &Engine,
        registry: &Arc<Registry>,
        clients: Arc<dyn Clients>,
    ) -> Result<Self, KafkaError> {
        let names = check::groups(settings, workflows);
        let (reporters, reports): (Vec<_>, Vec<_>) = names.iter().map(|_| Reporter::new()).unzip();
        let counters = Arc::new(Counters::default());
        let groups = names.iter().cloned().zip(reporters.iter().cloned());
        let producer = Producer::new(
            Arc::clone(&clients),
            check::producer_outputs(settings, workflows),
            groups.collect(),
            Arc::clone(&counters),
        )?;
        let producer = Arc::new(producer);
        let letters = Arc::new(Letters::new(
            workflows,
            Arc::clone(&producer),
            Arc::clone(&counters),
        ));
        let replies = if workflows.iter().any(|workflow| workflow.reply.is_some()) {
            let carrier = clients.carrier(engine)?;
            let letters = Arc::clone(&letters);
            let replies = Replies::new(carrier, engine, letters, reporters.clone());
            Some(Arc::new(replies))
        } else {
            None
        };
        let gates = Arc::new(Gates::new(workflows));
        let answers = Arc::new(Answers::new(
            workflows,
            Arc::clone(registry),
            Arc::clone(&producer),
            letters,
            Arc::clone(&gates),
            replies.clone(),
            Arc::clone(&counters),
        ));
        let mut members = Vec::with_capacity(names.len());
        for (number, ((name, reporter), reports)) in
            names.iter().zip(reporters).zip(reports).enumerate()
        {
            let flights = Arc::new(Flights {
                group: name.clone(),
                routes: Routes::new(workflows, &settings.group, name),
                answers: Arc::clone(&answers),
                reporter: reporter.clone(),
                record_bytes_max: settings.record_bytes_max,
                parked: match settings.head_block {
                    HeadBlock::Wait => None,
                    HeadBlock::DeadLetter => Some(Parked::default()),
                },
                test_case_header: settings.test_case_header.clone(),
                recognizers: Recognizer::all(workflows, settings.record_bytes_max),
            });
            let topics = flights.routes.topics().iter();
            let topics: Vec<String> = topics.map(|t| t.name.clone()).collect();
            let now = engine.clock().now();
            let controls = Arc::new(Controls::new(now));
            let (gone, is_gone) = bounded(0);
            let clients = Arc::clone(&clients);
            let (joiner, client) =
                Joiner::begin(clients, name, topics, reporter.waker(), gone, now)?;
            let poll_loop = PollLoop::new(Parts {
                client,
                joiner,
                group: Group::new(options(settings), Slots::new(number, names.len())),
                flights,
                engine: engine.clone(),
                producer: Arc::clone(&producer),
                reports,
                controls: Arc::clone(&controls),
                counters: Arc::clone(&counters),
                gates: Arc::clone(&gates),
            });
            members.push(Member {
                name: name.clone(),
                controls,
                reporter,
                poll_loop,
                gone: is_gone,
            });
        }
        let outbox = Outbox::new(
            settings,
            workflows,
            Arc::clone(&producer),
            Arc::clone(&counters),
        );
        Ok(Self {
            producer,
            outbox: Arc::new(outbox),
            replies,
            counters,
            gates,
            members,
        })
    }
}

fn options(settings: &KafkaSettings) -> GroupOptions {
    let ms = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4);
    GroupOptions {
        commit_interval_ms: ms(settings.commit_interval).max(1),
        carries_answered: settings.carries_answered,
        revoke_grace_ms: ms(settings.revoke_grace),
        offset_gap_max: settings.offset_gap_max.max(1),
        head_block_ms: ms(settings.head_block_after),
    }
}
