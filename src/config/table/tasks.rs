//! What Task states may call: `[lambda]`, `[http]` and `[[connections]]`.

use crate::config::kind::Kind::{Choice, File, Flag, Integer, Name, Text, Texts};
use crate::config::section::Absent::{Required, Unset, Value};
use crate::config::section::{Section, Shape, setting};

pub(super) const SECTIONS: &[Section] = &[
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
