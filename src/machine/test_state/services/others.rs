//! The shapes of services that workflows use now and then.

use super::Shape::{self, Any, Boolean, List, Map, Number};
use super::{CONSUMED_CAPACITY, FILLED, ITEM, TEXT, at_least, one_of, structure};

/// The shape of what an API answers, both named as in a resource.
pub(super) fn of(service: &str, api: &str) -> Option<&'static Shape> {
    Some(match (service, api) {
        ("athena", "startQueryExecution") => &START_QUERY_EXECUTION,
        ("batch", "submitJob") => &SUBMIT_JOB,
        ("bedrock" | "bedrockruntime", "invokeModel") => &INVOKE_MODEL,
        ("dynamodb", "batchWriteItem") => &BATCH_WRITE_ITEM,
        ("dynamodb", "transactWriteItems") => &TRANSACT_WRITE_ITEMS,
        ("ecs", "runTask") => &RUN_TASK,
        ("firehose", "putRecord") => &FIREHOSE_PUT_RECORD,
        ("glue", "startJobRun") => &START_JOB_RUN,
        ("kinesis", "putRecord") => &KINESIS_PUT_RECORD,
        ("kms", "generateDataKey") => &GENERATE_DATA_KEY,
        ("s3", "deleteObject") => &DELETE_OBJECT,
        ("s3", "listObjectsV2") => &LIST_OBJECTS,
        ("scheduler", "createSchedule") => &CREATE_SCHEDULE,
        ("secretsmanager", "createSecret") => &CREATE_SECRET,
        ("secretsmanager", "listSecrets") => &LIST_SECRETS,
        ("sesv2", "sendEmail") => &SEND_EMAIL,
        ("sfn", "listExecutions") => &LIST_EXECUTIONS,
        ("sns", "publishBatch") => &PUBLISH_BATCH,
        ("sqs", "receiveMessage") => &RECEIVE_MESSAGE,
        ("sqs", "sendMessageBatch") => &SEND_MESSAGE_BATCH,
        ("ssm", "getParameter") => &GET_PARAMETER,
        ("ssm", "getParameters") => &GET_PARAMETERS,
        ("sts", "getCallerIdentity") => &GET_CALLER_IDENTITY,
        _ => return None,
    })
}

static START_QUERY_EXECUTION: Shape = structure(&[("QueryExecutionId", &FILLED)]);

static SUBMIT_JOB: Shape = Shape::Structure {
    required: &["JobName", "JobId"],
    members: &[("JobArn", &TEXT), ("JobName", &TEXT), ("JobId", &TEXT)],
};

/// `Body` is a blob, which Step Functions gives as the JSON that it holds.
static INVOKE_MODEL: Shape = Shape::Structure {
    required: &["Body", "ContentType"],
    members: &[("Body", &Any), ("ContentType", &TEXT)],
};

static ITEM_COLLECTIONS: Shape = Map(&List(&structure(&[
    ("ItemCollectionKey", &ITEM),
    ("SizeEstimateRangeGB", &List(&Number)),
])));

static BATCH_WRITE_ITEM: Shape = structure(&[
    ("UnprocessedItems", &Map(&List(&Any))),
    ("ItemCollectionMetrics", &ITEM_COLLECTIONS),
    ("ConsumedCapacity", &List(&CONSUMED_CAPACITY)),
]);

static TRANSACT_WRITE_ITEMS: Shape = structure(&[
    ("ConsumedCapacity", &List(&CONSUMED_CAPACITY)),
    ("ItemCollectionMetrics", &ITEM_COLLECTIONS),
]);

static RUN_TASK: Shape = structure(&[
    (
        "Tasks",
        &List(&structure(&[
            ("TaskArn", &TEXT),
            ("TaskDefinitionArn", &TEXT),
            ("ClusterArn", &TEXT),
            ("ContainerInstanceArn", &TEXT),
            ("DesiredStatus", &TEXT),
            ("LastStatus", &TEXT),
            ("Group", &TEXT),
            ("Cpu", &TEXT),
            ("Memory", &TEXT),
            ("Version", &Number),
        ])),
    ),
    (
        "Failures",
        &List(&structure(&[
            ("Arn", &TEXT),
            ("Reason", &TEXT),
            ("Detail", &TEXT),
        ])),
    ),
]);

static FIREHOSE_PUT_RECORD: Shape = Shape::Structure {
    required: &["RecordId"],
    members: &[("RecordId", &FILLED), ("Encrypted", &Boolean)],
};

static START_JOB_RUN: Shape = structure(&[("JobRunId", &FILLED)]);

static KINESIS_PUT_RECORD: Shape = Shape::Structure {
    required: &["ShardId", "SequenceNumber"],
    members: &[
        ("ShardId", &FILLED),
        ("SequenceNumber", &TEXT),
        ("EncryptionType", &one_of(&["NONE", "KMS"])),
    ],
};

static GENERATE_DATA_KEY: Shape = structure(&[
    ("CiphertextBlob", &FILLED),
    ("Plaintext", &FILLED),
    ("KeyId", &FILLED),
    ("CiphertextForRecipient", &FILLED),
]);

static DELETE_OBJECT: Shape = structure(&[
    ("DeleteMarker", &Boolean),
    ("VersionId", &TEXT),
    ("RequestCharged", &one_of(&["requester"])),
]);

static LIST_OBJECTS: Shape = structure(&[
    ("IsTruncated", &Boolean),
    (
        "Contents",
        &List(&structure(&[
            ("Key", &FILLED),
            ("LastModified", &TEXT),
            ("ETag", &TEXT),
            ("Size", &Number),
        ])),
    ),
    ("Name", &TEXT),
    ("Prefix", &TEXT),
    ("Delimiter", &TEXT),
    ("MaxKeys", &Number),
    ("CommonPrefixes", &List(&structure(&[("Prefix", &TEXT)]))),
    ("EncodingType", &one_of(&["url"])),
    ("KeyCount", &Number),
    ("ContinuationToken", &TEXT),
    ("NextContinuationToken", &TEXT),
    ("StartAfter", &TEXT),
    ("RequestCharged", &one_of(&["requester"])),
]);

static CREATE_SCHEDULE: Shape = Shape::Structure {
    required: &["ScheduleArn"],
    members: &[("ScheduleArn", &FILLED)],
};

static CREATE_SECRET: Shape = structure(&[
    ("ARN", &at_least(20)),
    ("Name", &FILLED),
    ("VersionId", &at_least(32)),
    (
        "ReplicationStatus",
        &List(&structure(&[
            ("Region", &FILLED),
            ("KmsKeyId", &TEXT),
            ("Status", &one_of(&["InSync", "Failed", "InProgress"])),
            ("StatusMessage", &TEXT),
        ])),
    ),
]);

static LIST_SECRETS: Shape = structure(&[
    (
        "SecretList",
        &List(&structure(&[
            ("ARN", &at_least(20)),
            ("Name", &FILLED),
            ("Description", &TEXT),
            ("RotationEnabled", &Boolean),
        ])),
    ),
    ("NextToken", &FILLED),
]);

static SEND_EMAIL: Shape = structure(&[("MessageId", &TEXT)]);

static LIST_EXECUTIONS: Shape = Shape::Structure {
    required: &["Executions"],
    members: &[
        (
            "Executions",
            &List(&Shape::Structure {
                required: &[
                    "ExecutionArn",
                    "StateMachineArn",
                    "Name",
                    "Status",
                    "StartDate",
                ],
                members: &[
                    ("ExecutionArn", &FILLED),
                    ("StateMachineArn", &FILLED),
                    ("Name", &FILLED),
                    ("Status", &TEXT),
                    ("StartDate", &TEXT),
                    ("StopDate", &TEXT),
                ],
            }),
        ),
        ("NextToken", &FILLED),
    ],
};

static BATCH_FAILURE: Shape = Shape::Structure {
    required: &["Id", "Code", "SenderFault"],
    members: &[
        ("Id", &TEXT),
        ("Code", &TEXT),
        ("Message", &TEXT),
        ("SenderFault", &Boolean),
    ],
};

static PUBLISH_BATCH: Shape = structure(&[
    (
        "Successful",
        &List(&structure(&[
            ("Id", &TEXT),
            ("MessageId", &TEXT),
            ("SequenceNumber", &TEXT),
        ])),
    ),
    ("Failed", &List(&BATCH_FAILURE)),
]);

static RECEIVE_MESSAGE: Shape = structure(&[(
    "Messages",
    &List(&structure(&[
        ("MessageId", &TEXT),
        ("ReceiptHandle", &TEXT),
        ("MD5OfBody", &TEXT),
        ("Body", &TEXT),
        ("Attributes", &Map(&TEXT)),
        ("MD5OfMessageAttributes", &TEXT),
        ("MessageAttributes", &Map(&Any)),
    ])),
)]);

static SEND_MESSAGE_BATCH: Shape = Shape::Structure {
    required: &["Successful", "Failed"],
    members: &[
        (
            "Successful",
            &List(&Shape::Structure {
                required: &["Id", "MessageId", "MD5OfMessageBody"],
                members: &[
                    ("Id", &TEXT),
                    ("MessageId", &TEXT),
                    ("MD5OfMessageBody", &TEXT),
                    ("MD5OfMessageAttributes", &TEXT),
                    ("MD5OfMessageSystemAttributes", &TEXT),
                    ("SequenceNumber", &TEXT),
                ],
            }),
        ),
        ("Failed", &List(&BATCH_FAILURE)),
    ],
};

static PARAMETER: Shape = structure(&[
    ("Name", &FILLED),
    ("Type", &one_of(&["String", "StringList", "SecureString"])),
    ("Value", &TEXT),
    ("Version", &Number),
    ("Selector", &TEXT),
    ("SourceResult", &TEXT),
    ("LastModifiedDate", &TEXT),
    ("ARN", &TEXT),
    ("DataType", &TEXT),
]);

static GET_PARAMETER: Shape = structure(&[("Parameter", &PARAMETER)]);

static GET_PARAMETERS: Shape = structure(&[
    ("Parameters", &List(&PARAMETER)),
    ("InvalidParameters", &List(&FILLED)),
]);

static GET_CALLER_IDENTITY: Shape = structure(&[
    ("UserId", &TEXT),
    ("Account", &TEXT),
    ("Arn", &at_least(20)),
]);
