//! `kafka:request`: sends a record with Spring's headers, and ends with the reply that carries its correlation id back.
//!
//! Beside the members of a record it may have `ReplyTopic`, one of the settings', and `TimeoutSeconds`. The answer is
//! `{"Topic", "Partition", "Offset", "Timestamp", "Key", "Headers", "Value"}` of the reply; key, headers and value are shown as the context object
//! shows them, but a value that is JSON is that JSON.

use std::sync::Arc;

use super::client::Client;
use super::fault::{self, TOPIC_NOT_ALLOWED};
use super::record::{self, Draft};
use crate::engine::{Answer, Call};
use crate::kafka::port::Carrier as _;
use crate::machine::{TaskError, TaskResult};
use crate::value::Value;

/// The headers of a request and its reply.
pub(super) const CORRELATION_ID: &str = "kafka_correlationId";
const REPLY_TOPIC: &str = "kafka_replyTopic";

/// Sends the record of a call; its reply answers the call.
pub(super) fn request(client: &Client, call: &Call, answer: Answer) {
    let asked = match Asked::read(client, &call.payload) {
        Ok(asked) => asked,
        Err(error) => return answer.complete(TaskResult::Failed(error)),
    };
    let (courier, requester) = match (client.courier(), client.requester()) {
        (Ok(courier), Ok(requester)) => (courier, requester),
        (Err(error), _) | (_, Err(error)) => return answer.complete(TaskResult::Failed(error)),
    };
    let deadline = client.now().plus_millis(asked.timeout_ms);
    let Some(id) = requester.expect(call.identity.uuid, deadline, answer) else {
        return;
    };
    let mut draft = asked.draft;
    let reply_topic = asked.reply_topic.into_bytes();
    draft.headers.push((REPLY_TOPIC.to_owned(), reply_topic));
    let header = (CORRELATION_ID.to_owned(), id.clone().into_bytes());
    draft.headers.push(header);
    let (courier, failed) = (Arc::clone(courier), Arc::clone(requester));
    let tell = Box::new(move |end| {
        if let Err(refused) = end {
            failed.fail(&id, fault::of_refused(&refused));
        }
    });
    // A reply must not come before anybody listens: until then the request is kept.
    requester.when_ready(move || courier.send(draft.parcel(), tell));
}

/// What a call asks for.
struct Asked {
    draft: Draft,
    reply_topic: String,
    timeout_ms: i64,
}

impl Asked {
    fn read(client: &Client, payload: &Value) -> Result<Self, TaskError> {
        let settings = &client.settings;
        let mut draft =
            record::draft(payload, &settings.topics, &["ReplyTopic", "TimeoutSeconds"])?;
        // These are ours; with another one the reply would go elsewhere.
        draft.headers.retain(|(name, _)| {
            ![REPLY_TOPIC, CORRELATION_ID, "kafka_replyPartition"].contains(&name.as_str())
        });
        let members = payload.as_object();
        let asked = members.and_then(|members| members.get("ReplyTopic"));
        let reply_topic = match asked.filter(|asked| !asked.is_null()) {
            None => settings.reply_topics.first().cloned(),
            Some(asked) => {
                let known = |topic: &&String| asked.as_str() == Some(topic);
                settings.reply_topics.iter().find(known).cloned()
            }
        };
        let Some(reply_topic) = reply_topic else {
            let cause = "The parameter 'ReplyTopic' must be one of kafka.tasks.reply_topics.";
            return Err(fault::new(TOPIC_NOT_ALLOWED, cause.to_owned()));
        };
        let seconds = match members {
            None => None,
            Some(members) => record::integer(members, "TimeoutSeconds")?,
        };
        let default_ms = i64::try_from(settings.timeout.as_millis()).unwrap_or(i64::MAX);
        Ok(Self {
            draft,
            reply_topic,
            timeout_ms: seconds.map_or(default_ms, |seconds| seconds.saturating_mul(1_000)),
        })
    }
}
