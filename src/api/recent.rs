//! The executions that were begun last, under way or ended: what is needed to tell of them.
//!
//! Those that the API began are always kept while they are under way: the engine bounds them. Those of others, such as events, are
//! kept if [`Recent`] is their [`Witness`], and only while there is room. Of those that have ended, the ones that ended first make
//! room.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::watch;

use super::protocol::ExecutionArn;
use super::store::{Configuration, Target, Way};
use crate::engine::{Journal, JournalRoom, Revision, Start, Witness};
use crate::machine::{ExecutionKind, Identity, Outcome, Timestamp};
use crate::value::{Text, Value};

#[derive(Debug)]
pub(super) struct Recent {
    executions_max: usize,
    bytes_max: usize,
    journals: Arc<JournalRoom>,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// In the order of their beginnings.
    kept: BTreeMap<u64, Arc<Kept>>,
    by_name: HashMap<Name, u64>,
    /// In the order of their ends, with what each is counted with.
    over: VecDeque<(u64, usize)>,
    /// Of those that are over.
    bytes: usize,
    under_way: usize,
    last_number: u64,
}

/// By what an execution is found.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Name {
    Express(u128),
    /// Machine and execution: none has the name of another one.
    Standard(Text, Text),
}

/// An execution that can be told of.
#[derive(Debug)]
pub(super) struct Kept {
    /// Later ones have greater numbers.
    pub(super) number: u64,
    pub(super) identity: Identity,
    pub(super) revision: Arc<Revision>,
    /// What a request asked for; none if there was no request.
    target: Option<Target>,
    pub(super) input: Value,
    /// The input as it was given; only if its name may be given again.
    input_text: Option<String>,
    pub(super) trace_header: Option<String>,
    pub(super) started: Timestamp,
    pub(super) journal: Arc<Journal>,
    outcome: OnceLock<Outcome>,
    /// Whether the execution has ended or was given up.
    over: watch::Sender<bool>,
}

/// What begins.
#[derive(Debug)]
pub(super) struct Beginning<'a> {
    pub(super) identity: &'a Identity,
    pub(super) revision: &'a Arc<Revision>,
    pub(super) target: Option<&'a Target>,
    pub(super) input: &'a Value,
    pub(super) input_text: Option<&'a str>,
    pub(super) trace_header: Option<&'a str>,
    pub(super) now: Timestamp,
}

/// Held by the execution's sink until its end; one that ends without an outcome has never been.
#[derive(Debug)]
pub(super) struct Record {
    recent: Arc<Recent>,
    pub(super) kept: Arc<Kept>,
}

/// What an execution is counted with, beside its data.
const KEPT_BYTES: usize = 1_024;
/// The part of all bytes that what happened in one execution may take.
const JOURNAL_SHARE: usize = 4;

impl Recent {
    pub(super) fn new(executions_max: usize, bytes_max: usize) -> Arc<Self> {
        Arc::new(Self {
            executions_max,
            bytes_max,
            journals: JournalRoom::new(bytes_max),
            inner: Mutex::default(),
        })
    }

    /// Keeps an execution from its beginning; none if none is kept.
    ///
    /// # Errors
    /// The execution that has its name.
    pub(super) fn begin(
        self: &Arc<Self>,
        beginning: &Beginning<'_>,
    ) -> Result<Option<Record>, Arc<Kept>> {
        if self.executions_max == 0 {
            return Ok(None);
        }
        let name = Name::of(beginning.identity);
        let mut inner = self.lock();
        if let Some(same) = inner.find(&name) {
            return Err(same);
        }
        let kept = self.keep(&mut inner, name, beginning);
        drop(inner);
        Ok(Some(Record {
            recent: Arc::clone(self),
            kept,
        }))
    }

    fn keep(&self, inner: &mut Inner, name: Name, beginning: &Beginning<'_>) -> Arc<Kept> {
        let is_standard = beginning.identity.kind == ExecutionKind::Standard;
        let journal = Journal::within(&self.journals, self.bytes_max / JOURNAL_SHARE);
        inner.last_number += 1;
        let number = inner.last_number;
        let kept = Arc::new(Kept {
            number,
            identity: beginning.identity.clone(),
            revision: Arc::clone(beginning.revision),
            target: beginning.target.cloned(),
            input: beginning.input.clone(),
            input_text: beginning
                .input_text
                .filter(|_| is_standard)
                .map(str::to_owned),
            trace_header: beginning.trace_header.map(str::to_owned),
            started: beginning.now,
            journal: Arc::new(journal),
            outcome: OnceLock::new(),
            over: watch::Sender::new(false),
        });
        inner.under_way += 1;
        inner.by_name.insert(name, number);
        inner.kept.insert(number, Arc::clone(&kept));
        kept
    }

    /// The execution that has this identity's name.
    pub(super) fn named(&self, identity: &Identity) -> Option<Arc<Kept>> {
        self.lock().find(&Name::of(identity))
    }

    /// The execution of an ARN.
    pub(super) fn of_arn(&self, parts: &ExecutionArn) -> Option<Arc<Kept>> {
        let name = match parts.uuid {
            Some(uuid) => Name::Express(uuid),
            None => Name::Standard(Text::new(&parts.machine), Text::new(&parts.name)),
        };
        let kept = self.lock().find(&name)?;
        let Identity { machine, name, .. } = &kept.identity;
        let is_same =
            parts.is_of(machine) && parts.machine == *machine.name && parts.name == **name;
        is_same.then_some(kept)
    }

    /// At most so many of those that began before `before`, the latest first.
    pub(super) fn list(
        &self,
        before: u64,
        count_max: usize,
        is_wanted: impl Fn(&Kept) -> bool,
    ) -> Vec<Arc<Kept>> {
        let inner = self.lock();
        let rest = inner.kept.range(..before).rev().map(|(_, kept)| kept);
        let wanted = rest.filter(|kept| is_wanted(kept));
        wanted.take(count_max).cloned().collect()
    }

    /// Forgets the executions of a machine that is deleted; those under way go on.
    pub(super) fn forget_machine(&self, name: &str) {
        let mut inner = self.lock();
        let of_machine = |kept: &&Arc<Kept>| *kept.identity.machine.name == *name;
        let numbers: Vec<u64> = inner
            .kept
            .values()
            .filter(of_machine)
            .map(|kept| kept.number)
            .collect();
        for number in numbers {
            inner.forget(number);
        }
    }

    /// An execution has ended, for the first time it is heard of: others may have to make room.
    fn end(&self, kept: &Kept, outcome: &Outcome) {
        let mut inner = self.lock();
        if kept.outcome.set(outcome.clone()).is_err() {
            return;
        }
        kept.over.send_replace(true);
        if !inner.kept.contains_key(&kept.number) {
            return;
        }
        let bytes = kept.bytes();
        inner.under_way -= 1;
        inner.over.push_back((kept.number, bytes));
        inner.bytes += bytes;
        while inner.kept.len() > self.executions_max || inner.bytes > self.bytes_max {
            let Some((number, bytes)) = inner.over.pop_front() else {
                break;
            };
            inner.bytes -= bytes;
            inner.forget(number);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Lists and maps are whole wherever a panic could come.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn find(&self, name: &Name) -> Option<Arc<Kept>> {
        self.kept.get(self.by_name.get(name)?).cloned()
    }

    /// What is over stays counted until its turn comes.
    fn forget(&mut self, number: u64) {
        if let Some(kept) = self.kept.remove(&number) {
            self.under_way -= usize::from(kept.outcome().is_none());
            self.by_name.remove(&Name::of(&kept.identity));
        }
    }
}

impl Name {
    fn of(identity: &Identity) -> Self {
        match identity.kind {
            ExecutionKind::Standard => {
                Self::Standard(identity.machine.name.clone(), identity.name.clone())
            }
            ExecutionKind::Express | ExecutionKind::ExpressSync => Self::Express(identity.uuid),
        }
    }
}

impl Kept {
    /// What it was begun with, if it was asked for.
    pub(super) fn configuration(&self) -> Option<&Arc<Configuration>> {
        self.target.as_ref().map(|target| &target.configuration)
    }

    /// By which way it was begun.
    pub(super) fn way(&self) -> &Way {
        self.target
            .as_ref()
            .map_or(&Way::Current, |target| &target.way)
    }

    /// How it ended, once it has.
    pub(super) fn outcome(&self) -> Option<&Outcome> {
        self.outcome.get()
    }

    /// `RUNNING`, or how it ended.
    pub(super) fn status(&self) -> &'static str {
        self.outcome()
            .map_or("RUNNING", |outcome| outcome.status.as_str())
    }

    /// Its input as it was given, or as it is written here.
    pub(super) fn input_text(&self) -> String {
        self.input_text
            .clone()
            .unwrap_or_else(|| self.input.to_json())
    }

    /// The ARN of the version that it began with, if it was asked for.
    pub(super) fn version_arn(&self) -> Option<String> {
        let version = self.way().version()?;
        Some(format!("{}:{version}", self.identity.machine.arn()))
    }

    /// The ARN of the alias by which it was begun.
    pub(super) fn alias_arn(&self) -> Option<String> {
        let Way::Alias { name, .. } = self.way() else {
            return None;
        };
        Some(format!("{}:{name}", self.identity.machine.arn()))
    }

    /// Waits until it has ended or was given up.
    pub(super) async fn ended(&self) {
        // The sender is here: it cannot be gone.
        self.over.subscribe().wait_for(|over| *over).await.ok();
    }

    /// What it is counted with when it has ended.
    fn bytes(&self) -> usize {
        let outcome = self.outcome();
        let cause = outcome.and_then(|outcome| outcome.cause.as_ref());
        let texts = [self.input_text.as_ref(), cause];
        let texts = texts.map(|text| text.map_or(0, String::len));
        let output = outcome.and_then(|outcome| outcome.output.as_ref());
        let data = self.input.json_bytes() + output.map_or(0, Value::json_bytes);
        KEPT_BYTES + data + self.journal.bytes() + texts.iter().sum::<usize>()
    }
}

impl Record {
    /// The execution has ended.
    pub(super) fn end(&self, outcome: &Outcome) {
        self.recent.end(&self.kept, outcome);
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        if self.kept.outcome().is_none() {
            self.recent.lock().forget(self.kept.number);
            self.kept.over.send_replace(true);
        }
    }
}

impl Witness for Recent {
    /// Not while so many are under way as may be kept.
    fn begins(&self, start: &Start, now: Timestamp) -> Option<Arc<Journal>> {
        let name = Name::of(&start.identity);
        let mut inner = self.lock();
        if inner.under_way >= self.executions_max {
            return None;
        }
        // An event that is received again has the same name: what is under way now is told of.
        if let Some(number) = inner.by_name.get(&name).copied() {
            inner.forget(number);
        }
        let kept = self.keep(
            &mut inner,
            name,
            &Beginning {
                identity: &start.identity,
                revision: &start.revision,
                target: None,
                input: &start.input,
                input_text: None,
                trace_header: None,
                now,
            },
        );
        Some(Arc::clone(&kept.journal))
    }

    fn ended(&self, identity: &Identity, journal: &Arc<Journal>, outcome: &Outcome) {
        let kept = self.lock().find(&Name::of(identity));
        if let Some(kept) = kept.filter(|kept| Arc::ptr_eq(&kept.journal, journal)) {
            self.end(&kept, outcome);
        }
    }
}
