//! What a state asks for → a request of the invoke API.

use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use hyper::header::CONTENT_TYPE;

use super::function::{FunctionName, is_qualifier};
use crate::connectors::parameters;
use crate::engine::Call;
use crate::machine::TaskError;
use crate::value::{Text, Value};

/// How a definition names functions; AWS's answers differ.
#[derive(Clone, Debug)]
pub(super) enum Way {
    /// `arn:aws:states:::lambda:invoke`: the function is a parameter, and the answer has an envelope.
    Service,
    /// `arn:aws:states:::aws-sdk:lambda:invoke`: the same without metadata, and with payloads as texts. A function that fails has
    /// been invoked all the same: the task succeeds.
    Sdk,
    /// The function's ARN: what goes in and comes out is the payload itself.
    Function(FunctionName),
}

/// The same without the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Service,
    Sdk,
    Function,
}

/// One invocation.
#[derive(Debug)]
pub(super) struct Invocation {
    pub(super) function: FunctionName,
    pub(super) form: Form,
    /// The ARN that AWS would call it by.
    pub(super) arn: String,
    /// Stands for an answer's id when the endpoint gives none.
    pub(super) request_id: String,
    kind: Kind,
    log_type: Option<Text>,
    client_context: Option<Text>,
    payload: Vec<u8>,
}

/// `InvocationType`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    RequestResponse,
    Event,
    DryRun,
}

const PARAMETERS: &[&str] = &[
    "ClientContext",
    "FunctionName",
    "InvocationType",
    "LogType",
    "Payload",
    "Qualifier",
];

impl Invocation {
    pub(super) fn new(way: &Way, call: &Call) -> Result<Self, TaskError> {
        match way {
            Way::Service => Self::by_service(call, Form::Service),
            Way::Sdk => Self::by_service(call, Form::Sdk),
            Way::Function(function) => {
                let mut payload = Vec::with_capacity(call.payload.json_bytes());
                call.payload.write_json(&mut payload);
                Ok(Self {
                    arn: arn(call, function),
                    function: function.clone(),
                    form: Form::Function,
                    request_id: request_id(call),
                    kind: Kind::RequestResponse,
                    log_type: None,
                    client_context: None,
                    payload,
                })
            }
        }
    }

    fn by_service(call: &Call, form: Form) -> Result<Self, TaskError> {
        let all = parameters::object(&call.payload, PARAMETERS)?;
        let text = |name| parameters::text(&call.payload, name);
        let Some(name) = text("FunctionName")? else {
            return Err(parameters::missing(&call.payload, "FunctionName"));
        };
        let Some(mut function) = FunctionName::parse(name) else {
            return Err(invalid(call, form, name, "functionName"));
        };
        if let Some(qualifier) = text("Qualifier")? {
            if !is_qualifier(qualifier) {
                return Err(invalid(call, form, qualifier, "qualifier"));
            }
            function.qualifier = Some(qualifier.to_string());
        }
        let kind = match text("InvocationType")?.map(Text::as_str) {
            None | Some("RequestResponse") => Kind::RequestResponse,
            Some("Event") => Kind::Event,
            Some("DryRun") => Kind::DryRun,
            Some(other) => return Err(invalid(call, form, other, "invocationType")),
        };
        Ok(Self {
            arn: arn(call, &function),
            function,
            form,
            request_id: request_id(call),
            kind,
            log_type: text("LogType")?.cloned(),
            client_context: text("ClientContext")?.cloned(),
            payload: payload(all.get("Payload")),
        })
    }

    /// The request to `target`.
    pub(super) fn request(&self, target: &str) -> Result<Request<Full<Bytes>>, TaskError> {
        let uri = match &self.function.qualifier {
            // In the one form in which it may be signed.
            Some(qualifier) => format!("{target}?Qualifier={}", qualifier.replace('$', "%24")),
            None => target.to_owned(),
        };
        let kind = match self.kind {
            Kind::RequestResponse => "RequestResponse",
            Kind::Event => "Event",
            Kind::DryRun => "DryRun",
        };
        let mut request = Request::post(uri)
            .header(CONTENT_TYPE, "application/json")
            .header("X-Amz-Invocation-Type", kind);
        if let Some(log_type) = &self.log_type {
            request = request.header("X-Amz-Log-Type", log_type.as_str());
        }
        if let Some(context) = &self.client_context {
            request = request.header("X-Amz-Client-Context", context.as_str());
        }
        let body = Full::new(Bytes::copy_from_slice(&self.payload));
        request.body(body).map_err(|_| TaskError {
            error: Text::new_static("States.Runtime"),
            cause: Some(
                "LogType and ClientContext must be texts that a header can hold".to_owned(),
            ),
        })
    }

    /// The body of the request.
    pub(super) fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The failure of a function that no setting names.
    pub(super) fn not_configured(&self) -> TaskError {
        let (arn, name) = (&self.arn, &self.function.name);
        TaskError {
            error: Text::new_static("Lambda.ResourceNotFoundException"),
            cause: Some(format!(
                "Function not found: {arn} (lambda.endpoint is not set, and [[lambda.functions]] does not name {name})"
            )),
        }
    }
}

/// As AWS's client: nothing is an empty event, and a text is the JSON text of the event already.
fn payload(written: Option<&Value>) -> Vec<u8> {
    match written {
        None => b"{}".to_vec(),
        Some(value) if value.is_null() => b"{}".to_vec(),
        Some(value) => match value.as_str() {
            Some(text) => text.as_bytes().to_vec(),
            None => value.to_json().into_bytes(),
        },
    }
}

/// AWS's text for an error of the service.
pub(super) fn service_error(
    form: Form,
    message: &str,
    status: u16,
    code: &str,
    request_id: &str,
) -> String {
    match form {
        Form::Sdk => format!(
            "{message} (Service: Lambda, Status Code: {status}, Request ID: {request_id}) (SDK Attempt Count: 1)"
        ),
        Form::Service | Form::Function => format!(
            "{message} (Service: AWSLambda; Status Code: {status}; Error Code: {code}; Request ID: {request_id}; Proxy: null)"
        ),
    }
}

impl Form {
    /// The class of errors that have none of their own.
    pub(super) const fn base_exception(self) -> &'static str {
        match self {
            Self::Sdk => "LambdaException",
            Self::Service | Self::Function => "AWSLambdaException",
        }
    }
}

/// A parameter that the service refuses.
fn invalid(call: &Call, form: Form, value: &str, member: &str) -> TaskError {
    let message = format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint"
    );
    let code = "ValidationException";
    let cause = service_error(form, &message, 400, code, &request_id(call));
    TaskError {
        error: Text::from(format!("Lambda.{}", form.base_exception())),
        cause: Some(cause),
    }
}

/// AWS's answer when as many of a function run as may.
pub(super) fn rate_exceeded(way: &Way, call: &Call) -> TaskError {
    let form = match way {
        Way::Service => Form::Service,
        Way::Sdk => Form::Sdk,
        Way::Function(_) => Form::Function,
    };
    let (code, id) = ("TooManyRequestsException", request_id(call));
    TaskError {
        error: Text::from(format!("Lambda.{code}")),
        cause: Some(service_error(form, "Rate Exceeded.", 429, code, &id)),
    }
}

fn arn(call: &Call, function: &FunctionName) -> String {
    let machine = &call.identity.machine;
    let qualifier = function.qualifier.as_deref().unwrap_or("$LATEST");
    match &function.arn {
        Some(arn) => format!("{arn}:{qualifier}"),
        None => format!(
            "arn:{}:lambda:{}:{}:function:{}:{qualifier}",
            machine.partition, machine.region, machine.account, function.name
        ),
    }
}

/// Differs from call to call, and comes from the execution, so that it is the same when the execution is run again.
fn request_id(call: &Call) -> String {
    let bits = call.identity.uuid ^ u128::from(call.invocation).rotate_right(32);
    let hex = format!("{bits:032x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!(
        "{}-{}-{}-{}-{}",
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(16, 20),
        part(20, 32)
    )
}
