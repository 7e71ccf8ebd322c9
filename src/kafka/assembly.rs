//! The parts of an edge put together, before anything runs.

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, bounded};

use super::answer::Answers;
use super::check;
use super::controls::Controls;
use super::error::KafkaError;
use super::flight::Flights;
use super::group::{Group, GroupOptions};
use super::letters::Letters;
use super::outbox::Outbox;
use super::poll::{Parts, PollLoop};
use super::port::Clients;
use super::producer::Producer;
use super::reply::Replies;
use super::report::Reporter;
use super::route::Routes;
use super::settings::{KafkaSettings, WorkflowSettings};
use super::statistics::Counters;
use super::token::Slots;
use crate::engine::{Engine, Registry};

/// An edge that stands still.
pub(super) struct Assembly {
    pub(super) producer: Arc<Producer>,
    pub(super) outbox: Arc<Outbox>,
    pub(super) replies: Option<Arc<Replies>>,
    pub(super) counters: Arc<Counters>,
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
        let replies = match workflows.iter().find(|w| w.reply.is_some()) {
            None => None,
            Some(workflow) => {
                let config = clients.courier().ok_or_else(|| KafkaError::Setting {
                    setting: check::place(workflow, "reply"),
                    cause: "there is nobody to bring replies".to_owned(),
                })?;
                let letters = Arc::clone(&letters);
                let replies = Replies::start(config, engine, letters, reporters.clone())?;
                Some(Arc::new(replies))
            }
        };
        let answers = Arc::new(Answers::new(
            workflows,
            Arc::clone(registry),
            Arc::clone(&producer),
            letters,
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
            });
            let topics = flights.routes.topics().iter();
            let topics: Vec<&str> = topics.map(|t| t.name.as_str()).collect();
            let controls = Arc::new(Controls::new(engine.clock().now()));
            let (gone, is_gone) = bounded(0);
            let client = clients.join(name, &topics, reporter.waker(), gone)?;
            let poll_loop = PollLoop::new(Parts {
                client,
                group: Group::new(options(settings), Slots::new(number, names.len())),
                flights,
                engine: engine.clone(),
                producer: Arc::clone(&producer),
                reports,
                controls: Arc::clone(&controls),
                counters: Arc::clone(&counters),
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
            members,
        })
    }
}

fn options(settings: &KafkaSettings) -> GroupOptions {
    let ms = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4);
    GroupOptions {
        commit_interval_ms: ms(settings.commit_interval).max(1),
        revoke_grace_ms: ms(settings.revoke_grace),
        offset_gap_max: settings.offset_gap_max.max(1),
    }
}
