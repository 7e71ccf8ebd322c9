//! What AWS's answers have beside their own members: ids, and the metadata of the HTTP call that Step Functions made.

use md5::{Digest as _, Md5};
use time::OffsetDateTime;
use time::macros::format_description;

use super::Service;
use crate::engine::Call;
use crate::kafka::courier::Delivered;
use crate::machine::Timestamp;
use crate::value::{ArrayBuilder, ObjectBuilder, Value};

/// The id of a call: the same when the same call of the same execution is done again.
pub(super) fn request_id(call: &Call) -> String {
    let name = format!(
        "{:x}/{}/{}",
        call.identity.uuid, call.state, call.invocation
    );
    uuid(&name)
}

/// The id of the message that is this record.
pub(super) fn message_id(topic: &str, delivered: Delivered) -> String {
    uuid(&format!(
        "{topic}/{}/{}",
        delivered.partition, delivered.offset
    ))
}

/// The MD5 digest of some bytes, in hexadecimal digits.
pub(super) fn md5(bytes: &[u8]) -> String {
    let digest = Md5::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// 128 bits of a name in the form of a random UUID.
pub(super) fn uuid(name: &str) -> String {
    let digest: [u8; 16] = Md5::digest(name.as_bytes()).into();
    let bits = u128::from_be_bytes(digest);
    let bits = (bits & !(0xf << 76) & !(0x3 << 62)) | (4 << 76) | (2 << 62);
    let hex = format!("{bits:032x}");
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32];
    let parts = parts.map(|range| hex.get(range).unwrap_or_default());
    parts.join("-")
}

/// The members of `body`, then those of the HTTP call.
pub(super) fn add(body: &Value, service: Service, request_id: &str, at: Timestamp) -> Value {
    let content_type = match service {
        Service::Sns => "text/xml",
        Service::Sqs | Service::Events => "application/x-amz-json-1.0",
    };
    let length = body.json_bytes().to_string();
    let date = date(at);
    let headers = [
        ("x-amzn-RequestId", request_id),
        ("connection", "keep-alive"),
        ("Content-Length", &length),
        ("Date", &date),
        ("Content-Type", content_type),
    ];
    let (mut all, mut single) = (
        ObjectBuilder::with_capacity(5),
        ObjectBuilder::with_capacity(5),
    );
    for (name, value) in headers {
        let mut list = ArrayBuilder::with_capacity(1);
        list.push(Value::from(value));
        all.insert(name, list.finish().expect("it is not too deep"));
        single.insert(name, Value::from(value));
    }
    let shallow = |object: ObjectBuilder| object.finish().expect("it is not too deep");
    let mut http = ObjectBuilder::with_capacity(3);
    http.insert("AllHttpHeaders", shallow(all));
    http.insert("HttpHeaders", shallow(single));
    http.insert("HttpStatusCode", Value::from(200));
    let mut response = ObjectBuilder::with_capacity(1);
    response.insert("RequestId", Value::from(request_id));
    let mut answer = ObjectBuilder::with_capacity(6);
    for (name, value) in body.as_object().iter().flat_map(|body| body.iter()) {
        answer.insert(name.clone(), value.clone());
    }
    answer.insert("SdkHttpMetadata", shallow(http));
    answer.insert("SdkResponseMetadata", shallow(response));
    shallow(answer)
}

fn date(at: Timestamp) -> String {
    let format = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    let seconds = at.as_millis().div_euclid(1_000);
    let date = OffsetDateTime::from_unix_timestamp(seconds).ok();
    date.and_then(|date| date.format(&format).ok())
        .unwrap_or_default()
}
