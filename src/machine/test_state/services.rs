//! The shapes of what services answer, from AWS's API references: the integrations that workflows use most.
//!
//! An API that is not here is not compared with, and no member that an API does not have.

mod others;

use crate::asl::ResourceKind;
use crate::value::Value;

/// What a value of an answer must be.
enum Shape {
    Any,
    /// Text of at least so many characters, and one of these, unless there are none.
    Text {
        chars_min: usize,
        values: &'static [&'static str],
    },
    Number,
    Boolean,
    List(&'static Self),
    /// An object with arbitrary keys.
    Map(&'static Self),
    Structure {
        required: &'static [&'static str],
        members: &'static [(&'static str, &'static Self)],
    },
}

use Shape::{Any, Boolean, List, Map, Number};

static TEXT: Shape = at_least(0);
static FILLED: Shape = at_least(1);

const fn at_least(chars_min: usize) -> Shape {
    Shape::Text {
        chars_min,
        values: &[],
    }
}

const fn one_of(values: &'static [&'static str]) -> Shape {
    Shape::Text {
        chars_min: 0,
        values,
    }
}

const fn structure(members: &'static [(&'static str, &'static Shape)]) -> Shape {
    Shape::Structure {
        required: &[],
        members,
    }
}

/// The shape of what the API behind a resource answers. With `.sync` that is the API that is polled; with
/// `.waitForTaskToken` somebody else answers.
fn of(kind: &ResourceKind) -> Option<&'static Shape> {
    let ResourceKind::Integration {
        resource_type,
        resource,
    } = kind
    else {
        return None;
    };
    let service = resource_type
        .strip_prefix("aws-sdk:")
        .unwrap_or(resource_type);
    Some(match (service, resource.as_str()) {
        ("lambda", "invoke") => &INVOKE,
        ("states" | "sfn", "startExecution") => &START_EXECUTION,
        (
            "states" | "sfn",
            "startExecution.sync" | "startExecution.sync:2" | "describeExecution",
        ) => &DESCRIBE_EXECUTION,
        ("sfn", "startSyncExecution") => &START_SYNC_EXECUTION,
        ("sqs", "sendMessage") => &SEND_MESSAGE,
        ("sns", "publish") => &PUBLISH,
        ("events" | "eventbridge", "putEvents") => &PUT_EVENTS,
        ("dynamodb", "getItem") => &GET_ITEM,
        ("dynamodb", "putItem" | "updateItem" | "deleteItem") => &PUT_ITEM,
        ("dynamodb", "query" | "scan") => &QUERY,
        ("s3", "getObject") => &GET_OBJECT,
        ("s3", "putObject") => &PUT_OBJECT,
        ("kms", "encrypt") => &ENCRYPT,
        ("kms", "decrypt") => &DECRYPT,
        ("secretsmanager", "getSecretValue") => &GET_SECRET_VALUE,
        (service, api) => return others::of(service, api),
    })
}

/// Compares a mocked result with what the service of a resource answers.
///
/// # Errors
/// What is wrong, in AWS's words.
pub(super) fn check(kind: &ResourceKind, result: &Value, is_strict: bool) -> Result<(), String> {
    match of(kind) {
        Some(shape) => compare(shape, "", result, is_strict),
        None => Ok(()),
    }
}

/// The recursion is as deep as the value, which is bounded.
fn compare(shape: &Shape, name: &str, value: &Value, is_strict: bool) -> Result<(), String> {
    let must_be = |what: &str| Err(format!("Field '{name}' must be {what}"));
    match shape {
        Any => Ok(()),
        Shape::Text { chars_min, values } => match value.as_str() {
            None => must_be("a string"),
            Some(text) if text.chars().count() < *chars_min => {
                Err(format!("Field '{name}' is smaller than the minimum length"))
            }
            Some(text) if !values.is_empty() && !values.contains(&text) => {
                Err(format!("Field '{name}' is not an expected value"))
            }
            Some(_) => Ok(()),
        },
        Number => match value.as_number() {
            Some(_) => Ok(()),
            None => must_be("a number"),
        },
        Boolean => match value.as_bool() {
            Some(_) => Ok(()),
            None => must_be("a boolean"),
        },
        List(element) => match value.as_array() {
            None => must_be("an array"),
            Some(elements) => elements
                .iter()
                .try_for_each(|value| compare(element, name, value, is_strict)),
        },
        Map(of) => match value.as_object() {
            None => must_be("an object"),
            Some(object) => object
                .iter()
                .try_for_each(|(name, value)| compare(of, name, value, is_strict)),
        },
        Shape::Structure { required, members } => {
            let Some(object) = value.as_object() else {
                return must_be("an object");
            };
            let missing = required.iter().find(|name| object.get(name).is_none());
            if let Some(name) = missing.filter(|_| is_strict) {
                return Err(format!("Required field '{name}' is missing"));
            }
            object.iter().try_for_each(|(name, value)| {
                let member = members.iter().find(|(known, _)| name == known);
                member.map_or(Ok(()), |(_, shape)| compare(shape, name, value, is_strict))
            })
        }
    }
}

static INVOKE: Shape = structure(&[
    ("StatusCode", &Number),
    ("FunctionError", &TEXT),
    ("LogResult", &TEXT),
    ("Payload", &Any),
    ("ExecutedVersion", &FILLED),
]);

static START_EXECUTION: Shape = Shape::Structure {
    required: &["ExecutionArn", "StartDate"],
    members: &[("ExecutionArn", &FILLED), ("StartDate", &TEXT)],
};

static INCLUDED: Shape = structure(&[("Included", &Boolean)]);

/// `Output` is text, and with `.sync:2` what it says.
static DESCRIBE_EXECUTION: Shape = Shape::Structure {
    required: &["ExecutionArn", "StateMachineArn", "Status", "StartDate"],
    members: &[
        ("ExecutionArn", &FILLED),
        ("StateMachineArn", &FILLED),
        ("Name", &FILLED),
        (
            "Status",
            &one_of(&[
                "RUNNING",
                "SUCCEEDED",
                "FAILED",
                "TIMED_OUT",
                "ABORTED",
                "PENDING_REDRIVE",
            ]),
        ),
        ("StartDate", &TEXT),
        ("StopDate", &TEXT),
        ("Input", &Any),
        ("InputDetails", &INCLUDED),
        ("Output", &Any),
        ("OutputDetails", &INCLUDED),
        ("TraceHeader", &TEXT),
        ("Error", &TEXT),
        ("Cause", &TEXT),
        ("RedriveCount", &Number),
        ("RedriveDate", &TEXT),
    ],
};

static START_SYNC_EXECUTION: Shape = Shape::Structure {
    required: &["ExecutionArn", "StartDate", "StopDate", "Status"],
    members: &[
        ("ExecutionArn", &FILLED),
        ("StateMachineArn", &FILLED),
        ("Name", &FILLED),
        ("StartDate", &TEXT),
        ("StopDate", &TEXT),
        ("Status", &one_of(&["SUCCEEDED", "FAILED", "TIMED_OUT"])),
        ("Error", &TEXT),
        ("Cause", &TEXT),
        ("Input", &TEXT),
        ("InputDetails", &INCLUDED),
        ("Output", &TEXT),
        ("OutputDetails", &INCLUDED),
        (
            "BillingDetails",
            &structure(&[
                ("BilledMemoryUsedInMB", &Number),
                ("BilledDurationInMilliseconds", &Number),
            ]),
        ),
    ],
};

static SEND_MESSAGE: Shape = structure(&[
    ("MD5OfMessageBody", &TEXT),
    ("MD5OfMessageAttributes", &TEXT),
    ("MD5OfMessageSystemAttributes", &TEXT),
    ("MessageId", &TEXT),
    ("SequenceNumber", &TEXT),
]);

static PUBLISH: Shape = structure(&[("MessageId", &TEXT), ("SequenceNumber", &TEXT)]);

static PUT_EVENTS: Shape = structure(&[
    ("FailedEntryCount", &Number),
    (
        "Entries",
        &List(&structure(&[
            ("EventId", &TEXT),
            ("ErrorCode", &TEXT),
            ("ErrorMessage", &TEXT),
        ])),
    ),
]);

static ATTRIBUTE: Shape = structure(&[
    ("S", &TEXT),
    ("N", &TEXT),
    ("B", &TEXT),
    ("SS", &List(&TEXT)),
    ("NS", &List(&TEXT)),
    ("BS", &List(&TEXT)),
    ("M", &Map(&ATTRIBUTE)),
    ("L", &List(&ATTRIBUTE)),
    ("NULL", &Boolean),
    ("BOOL", &Boolean),
]);

static ITEM: Shape = Map(&ATTRIBUTE);

static CAPACITY: Shape = structure(&[
    ("ReadCapacityUnits", &Number),
    ("WriteCapacityUnits", &Number),
    ("CapacityUnits", &Number),
]);

static CONSUMED_CAPACITY: Shape = structure(&[
    ("TableName", &FILLED),
    ("CapacityUnits", &Number),
    ("ReadCapacityUnits", &Number),
    ("WriteCapacityUnits", &Number),
    ("Table", &CAPACITY),
    ("LocalSecondaryIndexes", &Map(&CAPACITY)),
    ("GlobalSecondaryIndexes", &Map(&CAPACITY)),
]);

static GET_ITEM: Shape = structure(&[("Item", &ITEM), ("ConsumedCapacity", &CONSUMED_CAPACITY)]);

static PUT_ITEM: Shape = structure(&[
    ("Attributes", &ITEM),
    ("ConsumedCapacity", &CONSUMED_CAPACITY),
    (
        "ItemCollectionMetrics",
        &structure(&[
            ("ItemCollectionKey", &ITEM),
            ("SizeEstimateRangeGB", &List(&Number)),
        ]),
    ),
]);

static QUERY: Shape = structure(&[
    ("Items", &List(&ITEM)),
    ("Count", &Number),
    ("ScannedCount", &Number),
    ("LastEvaluatedKey", &ITEM),
    ("ConsumedCapacity", &CONSUMED_CAPACITY),
]);

static STORAGE_CLASS: Shape = one_of(&[
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER",
    "DEEP_ARCHIVE",
    "OUTPOSTS",
    "GLACIER_IR",
    "SNOW",
    "EXPRESS_ONEZONE",
    "FSX_OPENZFS",
    "FSX_ONTAP",
]);

static ENCRYPTION: Shape = one_of(&["AES256", "aws:fsx", "aws:backup", "aws:kms", "aws:kms:dsse"]);

static GET_OBJECT: Shape = structure(&[
    ("Body", &TEXT),
    ("DeleteMarker", &Boolean),
    ("AcceptRanges", &TEXT),
    ("Expiration", &TEXT),
    ("Restore", &TEXT),
    ("LastModified", &TEXT),
    ("ContentLength", &Number),
    ("ETag", &TEXT),
    ("MissingMeta", &Number),
    ("VersionId", &TEXT),
    ("CacheControl", &TEXT),
    ("ContentDisposition", &TEXT),
    ("ContentEncoding", &TEXT),
    ("ContentLanguage", &TEXT),
    ("ContentRange", &TEXT),
    ("ContentType", &TEXT),
    ("Expires", &TEXT),
    ("ServerSideEncryption", &ENCRYPTION),
    ("Metadata", &Map(&TEXT)),
    ("SSEKMSKeyId", &TEXT),
    ("BucketKeyEnabled", &Boolean),
    ("StorageClass", &STORAGE_CLASS),
    ("RequestCharged", &one_of(&["requester"])),
    (
        "ReplicationStatus",
        &one_of(&["COMPLETE", "PENDING", "FAILED", "REPLICA", "COMPLETED"]),
    ),
    ("PartsCount", &Number),
    ("TagCount", &Number),
]);

static PUT_OBJECT: Shape = structure(&[
    ("Expiration", &TEXT),
    ("ETag", &TEXT),
    ("ServerSideEncryption", &ENCRYPTION),
    ("VersionId", &TEXT),
    ("SSEKMSKeyId", &TEXT),
    ("BucketKeyEnabled", &Boolean),
    ("Size", &Number),
    ("RequestCharged", &one_of(&["requester"])),
]);

static ALGORITHM: Shape = one_of(&[
    "SYMMETRIC_DEFAULT",
    "RSAES_OAEP_SHA_1",
    "RSAES_OAEP_SHA_256",
    "SM2PKE",
]);

static ENCRYPT: Shape = structure(&[
    ("CiphertextBlob", &FILLED),
    ("KeyId", &FILLED),
    ("EncryptionAlgorithm", &ALGORITHM),
]);

static DECRYPT: Shape = structure(&[
    ("KeyId", &FILLED),
    ("Plaintext", &FILLED),
    ("EncryptionAlgorithm", &ALGORITHM),
    ("CiphertextForRecipient", &FILLED),
]);

static GET_SECRET_VALUE: Shape = structure(&[
    ("ARN", &FILLED),
    ("Name", &FILLED),
    ("VersionId", &FILLED),
    ("SecretBinary", &FILLED),
    ("SecretString", &FILLED),
    ("VersionStages", &List(&FILLED)),
    ("CreatedDate", &TEXT),
]);
