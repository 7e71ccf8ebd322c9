//! Lambda functions, over the API by which AWS's own clients invoke them: `lambda:invoke`, `aws-sdk:lambda:invoke` and the ARN of a
//! function.
//!
//! Any endpoint that speaks it will do: AWS's runtime interface emulator, `sam local`, `cargo lambda`, an emulator of AWS, or a
//! program of one's own. Which function is where is configuration; the definition stays as it is on AWS.
//!
//! *Not here*: credentials that expire while the process runs.

mod endpoint;
mod function;
mod invocation;
mod outcome;
mod signer;

pub use endpoint::Endpoint;
pub use signer::LambdaSigner;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::client::{Client, Limits};
use crate::asl::{Resource, ResourceKind};
use crate::engine::{Answer, Call, Clock, Connector, Connectors};
use crate::machine::{TaskError, TaskResult};
use function::FunctionName;
use invocation::{Invocation, Way};

/// What Lambda allows: 6 MB of answer, and a little for its frame.
const RESPONSE_BYTES_MAX: usize = 6_291_556;

/// Where functions are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LambdaSettings {
    /// Of functions that have none of their own.
    pub endpoint: Option<Endpoint>,
    /// By name, or by ARN without qualifier, which goes first.
    pub functions: BTreeMap<String, Endpoint>,
    /// From the call to the last byte of the answer.
    pub time_max: Duration,
    /// Signs invocations; without one they are sent as they are.
    pub signer: Option<LambdaSigner>,
}

/// Finds the connector of functions.
#[derive(Clone, Debug)]
pub struct LambdaConnectors(Arc<Lambda>);

#[derive(Debug)]
struct Lambda {
    settings: LambdaSettings,
    client: Client,
    clock: Arc<dyn Clock>,
}

/// Invokes functions in one of both ways.
#[derive(Debug)]
struct Invoker {
    lambda: Arc<Lambda>,
    way: Way,
}

impl LambdaConnectors {
    /// Connectors that invoke through `client`, which must reach every endpoint of the settings.
    #[must_use]
    pub fn new(settings: LambdaSettings, client: Client, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Lambda {
            settings,
            client,
            clock,
        }))
    }
}

impl Connectors for LambdaConnectors {
    fn resolve(&self, _: &str, _: &str, resource: &Resource) -> Result<Arc<dyn Connector>, String> {
        let settings = &self.0.settings;
        let way = match &resource.kind {
            ResourceKind::Integration {
                resource_type,
                resource,
            } if is_service(resource_type) && resource == "invoke" => {
                if settings.endpoint.is_none() && settings.functions.is_empty() {
                    return Err(
                        "set lambda.endpoint, or name the functions in [[lambda.functions]]"
                            .to_owned(),
                    );
                }
                match resource_type.as_str() {
                    "lambda" => Way::Service,
                    _ => Way::Sdk,
                }
            }
            ResourceKind::LambdaFunction => {
                let function = FunctionName::of_resource(&resource.arn)
                    .ok_or_else(|| "it is no Lambda function".to_owned())?;
                if settings.endpoint_of(&function).is_none() {
                    let name = &function.name;
                    return Err(format!(
                        "set lambda.endpoint, or name {name} in [[lambda.functions]]"
                    ));
                }
                Way::Function(function)
            }
            ResourceKind::Integration { .. } => {
                return Err("it is no Lambda function".to_owned());
            }
        };
        let lambda = Arc::clone(&self.0);
        Ok(Arc::new(Invoker { lambda, way }))
    }
}

/// `lambda:invoke` or `aws-sdk:lambda:invoke`
fn is_service(resource_type: &str) -> bool {
    matches!(resource_type, "lambda" | "aws-sdk:lambda")
}

impl LambdaSettings {
    fn endpoint_of(&self, function: &FunctionName) -> Option<&Endpoint> {
        let by_arn = function
            .arn
            .as_ref()
            .and_then(|arn| self.functions.get(arn));
        by_arn
            .or_else(|| self.functions.get(&function.name))
            .or(self.endpoint.as_ref())
    }
}

impl Connector for Invoker {
    fn call(&self, call: Call, answer: Answer) {
        let settings = &self.lambda.settings;
        let prepared = Invocation::new(&self.way, &call).and_then(|invocation| {
            let endpoint = settings
                .endpoint_of(&invocation.function)
                .ok_or_else(|| invocation.not_configured())?;
            Ok((endpoint.of_function(&invocation.function.name), invocation))
        });
        let (target, invocation) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => return answer.complete(TaskResult::Failed(error)),
        };
        let limits = Limits {
            time_max: settings.time_max,
            body_bytes_max: RESPONSE_BYTES_MAX,
        };
        let lambda = Arc::clone(&self.lambda);
        self.lambda.client.answer(answer, async move {
            match invocation.request(&target) {
                Ok(mut request) => {
                    if let Some(signer) = &lambda.settings.signer {
                        let now = lambda.clock.now();
                        signer.sign(&mut request, invocation.payload(), now);
                    }
                    outcome::of(&invocation, lambda.client.send(request, limits).await)
                }
                Err(error) => TaskResult::Failed(error),
            }
        });
    }

    /// The function's name.
    fn target<'a>(&self, call: &'a Call) -> Option<Cow<'a, str>> {
        let written = match &self.way {
            Way::Function(function) => return Some(Cow::Owned(function.name.clone())),
            Way::Service | Way::Sdk => call.payload.get("FunctionName")?.as_str()?,
        };
        FunctionName::parse(written).map(|function| Cow::Owned(function.name))
    }

    fn overloaded(&self, call: &Call) -> TaskError {
        invocation::rate_exceeded(&self.way, call)
    }
}
