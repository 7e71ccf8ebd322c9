//! `kafka:publish`: ends with the broker's acknowledgement.

use super::client::Client;
use super::{fault, record};
use crate::engine::{Answer, Call};
use crate::kafka::courier::Delivered;
use crate::kafka::port::Carrier as _;
use crate::machine::TaskResult;
use crate::value::{ObjectBuilder, Value};

/// Sends the record of a call, and answers `{"Topic", "Partition", "Offset", "Timestamp"}`.
pub(super) fn publish(client: &Client, call: &Call, answer: Answer) {
    let draft = record::draft(&call.payload, &client.settings.topics, &[]);
    let (draft, courier) = match draft.and_then(|draft| Ok((draft, client.courier()?))) {
        Ok(ready) => ready,
        Err(error) => return answer.complete(TaskResult::Failed(error)),
    };
    let topic = draft.topic.clone();
    let tell = Box::new(move |end| {
        answer.complete(match end {
            Ok(delivered) => TaskResult::Succeeded(acknowledgement(&topic, delivered)),
            Err(refused) => TaskResult::Failed(fault::of_refused(&refused)),
        });
    });
    courier.send(draft.parcel(), tell);
}

fn acknowledgement(topic: &str, delivered: Delivered) -> Value {
    let mut members = ObjectBuilder::with_capacity(4);
    members.insert("Topic", Value::from(topic));
    members.insert("Partition", Value::from(i64::from(delivered.partition)));
    members.insert("Offset", Value::from(delivered.offset));
    let timestamp = delivered.timestamp.map_or(Value::NULL, Value::from);
    members.insert("Timestamp", timestamp);
    members.finish().expect("one level is not too deep")
}
