//! Tasks that speak Kafka: the resources `kafka:publish` and `kafka:request`, and calls of SQS, SNS and EventBridge as records.
//!
//! | resource | does | ends with |
//! | --- | --- | --- |
//! | `arn:aws:states:::kafka:publish` | sends a record | the broker's acknowledgement |
//! | `arn:aws:states:::kafka:request` | sends a record that asks for a reply | the reply |
//! | `arn:aws:states:::sqs:sendMessage`, `…:aws-sdk:sqs:sendMessage` | sends the message to the topic of its queue | the acknowledgement, as AWS answers |
//! | `arn:aws:states:::sns:publish`, `…:aws-sdk:sns:publish` | sends the message to the topic of its SNS topic | the same |
//! | `arn:aws:states:::events:putEvents`, `…:aws-sdk:eventbridge:putEvents` | sends each event to the topic of its bus | the acknowledgements of all |
//!
//! Nothing is tried again here, beyond what librdkafka does within the time a task has: a definition's Retry says what is.
//!
//! *Not here*: which resources of other systems there are.

mod aws;
mod client;
mod fault;
mod publish;
mod record;
mod reply;
mod request;
mod requester;
mod waiting;

use std::borrow::Cow;
use std::sync::Arc;

use client::Client;

use super::settings::{KafkaSettings, KafkaTaskSettings};
use crate::asl::{Resource, ResourceKind};
use crate::engine::{Answer, Call, Clock, Connector, Connectors};
use crate::value::Value;

/// The connectors of one cluster. Its clients are made when the first task is done.
#[derive(Debug)]
pub struct Tasks {
    client: Arc<Client>,
}

/// What a task does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Publish,
    Request,
    Aws(aws::Service, aws::Form),
}

#[derive(Debug)]
struct Task {
    action: Action,
    client: Arc<Client>,
}

impl Tasks {
    /// Connectors for the cluster of `kafka`, as far as `settings` allow.
    #[must_use]
    pub fn new(kafka: KafkaSettings, settings: KafkaTaskSettings, clock: Arc<dyn Clock>) -> Self {
        Self {
            client: Arc::new(Client::new(kafka, settings, clock)),
        }
    }

    /// Whether a resource is one of these.
    #[must_use]
    pub fn does(resource: &Resource) -> bool {
        action(resource).is_some()
    }
}

impl Connectors for Tasks {
    fn resolve(&self, _: &str, _: &str, resource: &Resource) -> Result<Arc<dyn Connector>, String> {
        let settings = &self.client.settings;
        let arn = &resource.arn;
        let action = action(resource).ok_or_else(|| format!("'{arn}' is no task over Kafka"))?;
        let (is_there, hint) = match action {
            Action::Publish => (
                !settings.topics.is_empty(),
                "list its topics in kafka.tasks.topics",
            ),
            Action::Request => (
                !settings.topics.is_empty() && !settings.reply_topics.is_empty(),
                "list its topics in kafka.tasks.topics and kafka.tasks.reply_topics",
            ),
            Action::Aws(service, _) => (!service.places(settings).is_empty(), service.hint()),
        };
        if !is_there {
            return Err(hint.to_owned());
        }
        let client = Arc::clone(&self.client);
        Ok(Arc::new(Task { action, client }))
    }
}

impl Connector for Task {
    fn call(&self, call: Call, answer: Answer) {
        match self.action {
            Action::Publish => publish::publish(&self.client, &call, answer),
            Action::Request => request::request(&self.client, &call, answer),
            Action::Aws(service, form) => aws::send(&self.client, service, form, &call, answer),
        }
    }

    /// The topic, queue or event bus as the definition names it.
    fn target<'a>(&self, call: &'a Call) -> Option<Cow<'a, str>> {
        let name = match self.action {
            Action::Publish | Action::Request => call.payload.get("Topic").and_then(Value::as_str),
            Action::Aws(service, _) => service.target(&call.payload),
        };
        name.map(Cow::Borrowed)
    }
}

fn action(resource: &Resource) -> Option<Action> {
    let ResourceKind::Integration {
        resource_type,
        resource,
    } = &resource.kind
    else {
        return None;
    };
    let aws = |service, form| Some(Action::Aws(service, form));
    match (resource_type.as_str(), resource.as_str()) {
        ("kafka", "publish") => Some(Action::Publish),
        ("kafka", "request") => Some(Action::Request),
        ("sqs", "sendMessage") => aws(aws::Service::Sqs, aws::Form::Optimized),
        ("sns", "publish") => aws(aws::Service::Sns, aws::Form::Optimized),
        ("events", "putEvents") => aws(aws::Service::Events, aws::Form::Optimized),
        ("aws-sdk:sqs", "sendMessage") => aws(aws::Service::Sqs, aws::Form::Sdk),
        ("aws-sdk:sns", "publish") => aws(aws::Service::Sns, aws::Form::Sdk),
        ("aws-sdk:eventbridge", "putEvents") => aws(aws::Service::Events, aws::Form::Sdk),
        _ => None,
    }
}
