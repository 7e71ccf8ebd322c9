//! What AWS takes and refuses, and what it says.

use super::metadata::{self, md5, uuid};
use super::{Form, Service, sns, sqs};
use crate::machine::Timestamp;
use crate::value::Value;

fn places() -> Vec<(String, String)> {
    let place = |name: &str| (name.to_owned(), "topic".to_owned());
    vec![place("q"), place("q.fifo")]
}

fn value(json: &str) -> Value {
    Value::parse(json.as_bytes()).expect("JSON")
}

#[test]
fn a_message_is_a_record_with_its_group_as_key() {
    let payload = r#"{"QueueUrl": "q", "MessageBody": {"a": 1}, "MessageGroupId": "g", "MessageAttributes": {
        "n": {"DataType": "Number", "StringValue": "1"}, "b": {"DataType": "Binary", "BinaryValue": "/w=="}}}"#;
    let message = sqs::message(&value(payload), &places()).expect("taken");
    assert_eq!(message.draft.topic, "topic");
    assert_eq!(message.draft.key.as_deref(), Some(&b"g"[..]));
    assert_eq!(message.draft.value.as_deref(), Some(&br#"{"a":1}"#[..]));
    let headers = [("n".to_owned(), b"1".to_vec()), ("b".to_owned(), vec![255])];
    assert_eq!(message.draft.headers, headers);
    assert!(!message.is_fifo);
    let names: Vec<&str> = message.answer.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["MD5OfMessageAttributes", "MD5OfMessageBody"]);
    assert_eq!(
        message.answer[1].1,
        Value::from(md5(br#"{"a":1}"#).as_str())
    );
    assert_eq!(md5(b""), "d41d8cd98f00b204e9800998ecf8427e");
}

#[test]
fn attributes_have_the_digest_that_aws_gives() {
    // From the documentation of the algorithm: lengths as four bytes, then 1 for a text.
    let payload = r#"{"QueueUrl": "q", "MessageBody": "x", "MessageAttributes": {"a": {"DataType": "String", "StringValue": "v"}}}"#;
    let message = sqs::message(&value(payload), &places()).expect("taken");
    let bytes = b"\0\0\0\x01a\0\0\0\x06String\x01\0\0\0\x01v";
    assert_eq!(message.answer[0].1, Value::from(md5(bytes).as_str()));
}

#[test]
fn what_aws_refuses_is_refused_with_its_words() {
    let id = "R";
    // Service, payload, the error in both forms, the cause in the first.
    let cases = [
        (
            Service::Sqs,
            r#"{"QueueUrl": "q", "MessageBody": null}"#,
            ["SQS.AmazonSQSException", "Sqs.SqsException"],
            "The request must contain the parameter MessageBody. (Service: AmazonSQS; Status Code: 400; Error Code: MissingParameter; Request ID: R; Proxy: null)",
        ),
        (
            Service::Sqs,
            r#"{"QueueUrl": "elsewhere", "MessageBody": "x"}"#,
            [
                "SQS.QueueDoesNotExistException",
                "Sqs.QueueDoesNotExistException",
            ],
            "The specified queue does not exist for this wsdl version. (Service: AmazonSQS; Status Code: 400; Error Code: AWS.SimpleQueueService.NonExistentQueue; Request ID: R; Proxy: null)",
        ),
        (
            Service::Sqs,
            r#"{"QueueUrl": "q.fifo", "MessageBody": "x"}"#,
            ["SQS.AmazonSQSException", "Sqs.SqsException"],
            "The request must contain the parameter MessageGroupId. (Service: AmazonSQS; Status Code: 400; Error Code: MissingParameter; Request ID: R; Proxy: null)",
        ),
        (
            Service::Sns,
            r#"{"TopicArn": "q.fifo", "Message": {"Message": "HelloWorld!"}}"#,
            [
                "SNS.InvalidParameterException",
                "Sns.InvalidParameterException",
            ],
            "Invalid parameter: The MessageGroupId parameter is required for FIFO topics (Service: AmazonSNS; Status Code: 400; Error Code: InvalidParameter; Request ID: R; Proxy: null)",
        ),
        (
            Service::Sns,
            r#"{"TopicArn": "elsewhere", "Message": "x"}"#,
            ["SNS.NotFoundException", "Sns.NotFoundException"],
            "Topic does not exist (Service: AmazonSNS; Status Code: 404; Error Code: NotFound; Request ID: R; Proxy: null)",
        ),
    ];
    for (service, payload, errors, cause) in cases {
        let message = match service {
            Service::Sqs => sqs::message(&value(payload), &places()),
            Service::Sns | Service::Events => sns::message(&value(payload), &places()),
        };
        let refusal = message.expect_err(payload);
        for (form, error) in [Form::Optimized, Form::Sdk].into_iter().zip(errors) {
            let refused = service.refused(form, &refusal, id);
            assert_eq!(refused.error, error, "{payload}");
            if form == Form::Optimized {
                assert_eq!(refused.cause.as_deref(), Some(cause));
            }
        }
    }
}

#[test]
fn a_topics_message_is_the_default_one() {
    let payload = r#"{"TopicArn": "q", "MessageStructure": "json", "Message": "{\"default\": \"d\", \"sqs\": \"s\"}", "Subject": "S"}"#;
    let message = sns::message(&value(payload), &places()).expect("taken");
    assert_eq!(message.draft.value.as_deref(), Some(&b"d"[..]));
    assert_eq!(
        message.draft.headers,
        [("Subject".to_owned(), b"S".to_vec())]
    );
}

#[test]
fn an_answer_has_the_metadata_of_its_call() {
    let at = Timestamp::from_millis(1_763_805_600_999);
    let body = value(r#"{"MessageId":"m"}"#);
    let answer = metadata::add(&body, Service::Sqs, "R", at).to_json();
    let expected = r#"{"MessageId":"m","SdkHttpMetadata":{"AllHttpHeaders":{"x-amzn-RequestId":["R"],"connection":["keep-alive"],"Content-Length":["17"],"Date":["Sat, 22 Nov 2025 10:00:00 GMT"],"Content-Type":["application/x-amz-json-1.0"]},"HttpHeaders":{"x-amzn-RequestId":"R","connection":"keep-alive","Content-Length":"17","Date":"Sat, 22 Nov 2025 10:00:00 GMT","Content-Type":"application/x-amz-json-1.0"},"HttpStatusCode":200},"SdkResponseMetadata":{"RequestId":"R"}}"#;
    assert_eq!(answer, expected);
    let id = uuid("a");
    assert_eq!((id.len(), id.get(14..15)), (36, Some("4")));
    assert_ne!(id, uuid("b"));
}
