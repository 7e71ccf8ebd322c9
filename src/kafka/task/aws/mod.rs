//! Calls of SQS, SNS and EventBridge, done with Kafka and answered as AWS answers.
//!
//! Queues, SNS topics and event buses are topics by the settings. What AWS refuses before it does anything is refused with its texts. What
//! Kafka refuses is the error that AWS's clients give where the service cannot be reached: `SQS.SdkClientException`,
//! `SNS.SdkClientException`, or a failed entry.

mod events;
mod metadata;
mod sns;
mod sqs;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::client::Client;
use super::fault;
use super::record::Draft;
use crate::engine::{Answer, Call};
use crate::kafka::courier::Delivered;
use crate::kafka::port::Carrier as _;
use crate::kafka::settings::KafkaTaskSettings;
use crate::machine::{TaskError, TaskResult};
use crate::value::{ObjectBuilder, Text, Value};

/// Which service is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    Sqs,
    Sns,
    Events,
}

/// How: the two differ in the names of errors, and the second answers without metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `sqs:sendMessage`
    Optimized,
    /// `aws-sdk:sqs:sendMessage`
    Sdk,
}

/// What AWS refuses: the name of its exception, and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Refusal {
    /// `InvalidParameterException`; the general one of the service where AWS's client has none of its own.
    exception: Option<&'static str>,
    /// `InvalidParameter`
    code: &'static str,
    message: String,
}

/// A message that AWS would take, and what it answers.
#[derive(Debug)]
struct Message {
    draft: Draft,
    /// The members of the answer that do not depend on where the record is.
    answer: Vec<(&'static str, Value)>,
    /// Whether the answer has a sequence number.
    is_fifo: bool,
}

impl Service {
    /// The topics by what is called.
    pub(super) fn places(self, settings: &KafkaTaskSettings) -> &[(String, String)] {
        match self {
            Self::Sqs => &settings.queues,
            Self::Sns => &settings.sns_topics,
            Self::Events => &settings.event_buses,
        }
    }

    pub(super) const fn hint(self) -> &'static str {
        match self {
            Self::Sqs => "give the topic of each queue URL in [kafka.queues]",
            Self::Sns => "give the topic of each SNS topic's ARN in [kafka.sns_topics]",
            Self::Events => "give the topic of each event bus in [kafka.event_buses]",
        }
    }

    /// What a call goes to; of several event buses the first.
    pub(super) fn target(self, payload: &Value) -> Option<&str> {
        let member = |name| payload.get(name).and_then(Value::as_str);
        match self {
            Self::Sqs => member("QueueUrl"),
            Self::Sns => member("TopicArn").or_else(|| member("TargetArn")),
            Self::Events => {
                let entry = payload.get("Entries")?.as_array()?.first()?;
                let bus = entry.get("EventBusName").and_then(Value::as_str);
                bus.or(Some(events::DEFAULT_BUS))
            }
        }
    }

    const fn prefix(self, form: Form) -> &'static str {
        match (self, form) {
            (Self::Sqs, Form::Optimized) => "SQS",
            (Self::Sqs, Form::Sdk) => "Sqs",
            (Self::Sns, Form::Optimized) => "SNS",
            (Self::Sns, Form::Sdk) => "Sns",
            (Self::Events, _) => "EventBridge",
        }
    }

    /// The error of a call that AWS refuses.
    fn refused(self, form: Form, refusal: &Refusal, request_id: &str) -> TaskError {
        let prefix = self.prefix(form);
        let Refusal {
            exception,
            code,
            message,
        } = refusal;
        let status = match *code {
            "NotFound" => 404,
            _ => 400,
        };
        let (general, cause) = match form {
            Form::Optimized => (
                format!("Amazon{prefix}Exception"),
                format!(
                    "{message} (Service: Amazon{prefix}; Status Code: {status}; Error Code: {code}; Request ID: {request_id}; Proxy: null)"
                ),
            ),
            Form::Sdk => (
                format!("{prefix}Exception"),
                format!(
                    "{message} (Service: {prefix}, Status Code: {status}, Request ID: {request_id})"
                ),
            ),
        };
        let exception = exception.map_or(general, str::to_owned);
        fault::new(&format!("{prefix}.{exception}"), cause)
    }
}

/// The topic of a place that is called by this name.
fn topic<'a>(places: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let place = places.iter().find(|(place, _)| place == name)?;
    Some(&place.1)
}

/// Does a call.
pub(super) fn send(
    client: &Arc<Client>,
    service: Service,
    form: Form,
    call: &Call,
    answer: Answer,
) {
    let places = service.places(&client.settings);
    let request_id = metadata::request_id(call);
    let message = match service {
        Service::Sqs => sqs::message(&call.payload, places),
        Service::Sns => sns::message(&call.payload, places),
        Service::Events => return events::send(client, call, answer),
    };
    let message = message.map_err(|refusal| service.refused(form, &refusal, &request_id));
    let (message, courier) = match message.and_then(|message| Ok((message, client.courier()?))) {
        Ok(ready) => ready,
        Err(error) => return answer.complete(TaskResult::Failed(error)),
    };
    let Message {
        draft,
        answer: members,
        is_fifo,
    } = message;
    let (topic, date) = (draft.topic.clone(), client.now());
    let tell = Box::new(move |end| {
        answer.complete(match end {
            Ok(delivered) => {
                let mut body = ObjectBuilder::with_capacity(members.len() + 4);
                for (name, value) in members {
                    body.insert(name, value);
                }
                let id = metadata::message_id(&topic, delivered);
                body.insert("MessageId", Value::from(id.as_str()));
                if is_fifo {
                    body.insert("SequenceNumber", sequence_number(delivered));
                }
                let body = body.finish().expect("one level is not too deep");
                TaskResult::Succeeded(match form {
                    Form::Optimized => metadata::add(&body, service, &request_id, date),
                    Form::Sdk => body,
                })
            }
            Err(refused) => {
                let error = fault::of_refused(&refused);
                let name = format!("{}.SdkClientException", service.prefix(form));
                let cause = error.cause.unwrap_or_default();
                let cause = format!("Unable to execute HTTP request: {cause}");
                TaskResult::Failed(TaskError {
                    error: Text::new(&name),
                    cause: Some(cause),
                })
            }
        });
    });
    courier.send(draft.parcel(), tell);
}

/// Twenty digits that grow with the messages of a partition.
fn sequence_number(delivered: Delivered) -> Value {
    Value::from(format!("{:020}", delivered.offset).as_str())
}
