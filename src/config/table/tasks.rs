//! What Task states may call: `[lambda]`, `[http]` and `[[connections]]`.

use crate::config::kind::Kind::{Choice, File, Flag, Integer, Name, Text, Texts};
use crate::config::section::Absent::{Required, Unset, Value};
use crate::config::section::{Section, Shape, setting};

pub(super) const SECTIONS: &[Section] = &[
    Section {
        path: "mocks",
        shape: Shape::Table,
        doc: "Mocked answers for tasks, for tests: whoever starts an execution chooses a test case, by #NAME behind the state machine's ARN.",
        settings: &[
            setting(
                "file",
                File,
                Unset("\"MockConfigFile.json\""),
                "The file, in the format of Step Functions Local, whose variable SFN_MOCK_CONFIG is read too. Of a workflow with a [workflows.mocks] the test cases are there.",
            ),
            setting(
                "header",
                Text,
                Unset("\"asl-test-case\""),
                "The header of an event that names its test case. Without it events choose none.",
            ),
        ],
    },
    Section {
        path: "task_limits",
        shape: Shape::OptionalList,
        doc: "Bounds of the calls of one connector, or of one of its targets, in this process. A call goes through both.",
        settings: &[
            setting(
                "connector",
                Choice(&["lambda", "http", "kafka", "sqs", "sns", "events", "states"]),
                Required("\"lambda\""),
                "Which one.",
            ),
            setting(
                "target",
                Text,
                Unset("\"enrich\""),
                "What is called: the name of a function, the host of an HTTP task (with its port, if it is written), a topic, the URL of a queue, the ARN of an SNS topic, the name of an event bus, the ARN of a state machine. Without it, all calls of the connector.",
            ),
            setting(
                "calls_max",
                Integer(1, 1_000_000),
                Unset("100"),
                "Calls under way at once. Further ones wait. Of workflows that wait for one another, each level holds a place.",
            ),
            setting(
                "waiting_max",
                Integer(0, 1_000_000),
                Value("100_000"),
                "Calls that wait. Further ones fail: a function's with Lambda.TooManyRequestsException, others with States.TaskFailed.",
            ),
            setting(
                "timeout_ms",
                Integer(1, 31_536_000_000),
                Unset("30_000"),
                "How long a task may take, waiting included, in milliseconds; then States.Timeout, as by TimeoutSeconds. The connector's own time (lambda.timeout_ms, http.timeout_ms, kafka.tasks.timeout_ms) holds besides.",
            ),
        ],
    },
    Section {
        path: "lambda",
        shape: Shape::Table,
        doc: "Lambda functions, over the API by which AWS's clients invoke them: `lambda:invoke` and the ARNs of functions.",
        settings: &[
            setting(
                "endpoint",
                Text,
                Unset("\"http://127.0.0.1:3001\""),
                "Where functions are that have no endpoint of their own: an URL to which /2015-03-31/functions/NAME/invocations is appended. LAMBDA_ENDPOINT, the variable of Step Functions Local, is read too.",
            ),
            setting(
                "sign",
                Flag,
                Value("false"),
                "Whether invocations are signed (Signature Version 4), for AWS's own endpoints. The keys are those of AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.",
            ),
            setting(
                "region",
                Text,
                Unset("\"eu-central-1\""),
                "The region that invocations are signed for. Without it that of AWS_REGION or AWS_DEFAULT_REGION, else identity.region.",
            ),
            setting(
                "timeout_ms",
                Integer(1, 900_000),
                Value("300_000"),
                "How long an invocation may take, in milliseconds; then Lambda.ClientExecutionTimeoutException.",
            ),
        ],
    },
    Section {
        path: "lambda.functions",
        shape: Shape::OptionalList,
        doc: "A function with an endpoint of its own.",
        settings: &[
            setting(
                "name",
                Text,
                Required("\"enrich\""),
                "Its name, or its ARN without a qualifier.",
            ),
            setting(
                "endpoint",
                Text,
                Required("\"http://127.0.0.1:9001\""),
                "An URL as above, or that of the invocation itself, ending with /invocations.",
            ),
        ],
    },
    Section {
        path: "http",
        shape: Shape::Table,
        doc: "HTTP tasks (`http:invoke`). They go nowhere but where http.allow says, follow no redirects and use no proxy.",
        settings: &[
            setting(
                "allow",
                Texts,
                Value("[]"),
                "Where they may go: scheme, host, port and beginning of the path, as \"https://api.example.com/v1\" or \"https://*.example.com\".",
            ),
            setting(
                "allow_addresses",
                Texts,
                Value("[]"),
                "Ranges of addresses to which the names of allowed hosts may lead although they are not public, as \"10.0.0.0/8\". A host that is written as an address in http.allow needs none.",
            ),
            setting(
                "timeout_ms",
                Integer(1, 300_000),
                Value("60_000"),
                "How long a request may take, in milliseconds; then States.Http.Socket. AWS's bound is the default.",
            ),
            setting(
                "response_bytes_max",
                Integer(1, 104_857_600),
                Value("262_144"),
                "The longest body of a response, in bytes; beyond it States.DataLimitExceeded.",
            ),
            setting(
                "connections_per_host_max",
                Integer(1, 10_000),
                Value("128"),
                "Requests to one host at once, those to Lambda functions included. Further ones wait.",
            ),
            setting(
                "ca_file",
                File,
                Unset("\"certificates.pem\""),
                "Certificates to trust besides those that browsers trust, in PEM.",
            ),
        ],
    },
    Section {
        path: "connections",
        shape: Shape::OptionalList,
        doc: "A connection that HTTP tasks name by ConnectionArn (arn:aws:events:…:connection/NAME/…). Its secret is in the environment, in STEPSTREAM_SECRET_NAME (upper case, _ for -), or in a file.",
        settings: &[
            setting("name", Name, Required("\"crm\""), "Its name."),
            setting(
                "authorization",
                Choice(&["basic", "api_key", "oauth_client_credentials"]),
                Required("\"basic\""),
                "How it says who we are. The secret is the password, the key, or the client's secret.",
            ),
            setting(
                "secret_file",
                File,
                Unset("\"crm.secret\""),
                "The file of its secret, whose last line feed does not count.",
            ),
            setting(
                "user",
                Text,
                Unset("\"stepstream\""),
                "For basic: the user.",
            ),
            setting(
                "header",
                Text,
                Unset("\"x-api-key\""),
                "For api_key: the header.",
            ),
            setting(
                "token_url",
                Text,
                Unset("\"https://id.example.com/token\""),
                "For oauth_client_credentials: where tokens are given.",
            ),
            setting(
                "client_id",
                Text,
                Unset("\"stepstream\""),
                "For oauth_client_credentials: who asks for them.",
            ),
            setting(
                "client_in_header",
                Flag,
                Value("false"),
                "For oauth_client_credentials: whether the client's id and secret go into a header, and not into the form.",
            ),
        ],
    },
    Section {
        path: "connections.token",
        shape: Shape::Free,
        doc: "For oauth_client_credentials: further members of the form by which a token is asked for.",
        settings: &[setting("scope", Text, Unset("\"read\""), "")],
    },
    Section {
        path: "connections.headers",
        shape: Shape::Free,
        doc: "Headers of each of its requests, over those of the definition.",
        settings: &[setting("x-tenant", Text, Unset("\"acme\""), "")],
    },
    Section {
        path: "connections.query",
        shape: Shape::Free,
        doc: "Parameters of its queries, over those of the definition.",
        settings: &[setting("version", Text, Unset("\"2\""), "")],
    },
    Section {
        path: "connections.body",
        shape: Shape::Free,
        doc: "Members of its bodies, over those of the definition.",
        settings: &[setting("mode", Text, Unset("\"live\""), "")],
    },
];
