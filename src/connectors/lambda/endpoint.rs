//! Where functions are invoked.

use hyper::Uri;

/// The path of an invocation, with the function's name in its middle.
const FUNCTIONS: &str = "/2015-03-31/functions/";
const INVOCATIONS: &str = "/invocations";

/// An URL, `http://127.0.0.1:9000`: the API's path is appended, unless it ends with an invocation's path already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint(String);

impl std::str::FromStr for Endpoint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refuse = || {
            "must be an URL such as http://127.0.0.1:9000, without user, query or fragment"
                .to_owned()
        };
        let uri: Uri = text.parse().map_err(|_| refuse())?;
        let is_http = matches!(uri.scheme_str(), Some("http" | "https"));
        let has_user = uri.authority().is_none_or(|a| a.as_str().contains('@'));
        let has_more = uri.query().is_some() || text.contains('#');
        if is_http && !has_user && !has_more {
            Ok(Self(text.trim_end_matches('/').to_owned()))
        } else {
            Err(refuse())
        }
    }
}

impl Endpoint {
    /// Where the function `name` is invoked.
    pub(super) fn of_function(&self, name: &str) -> String {
        let Self(url) = self;
        if url.ends_with(INVOCATIONS) {
            url.clone()
        } else {
            format!("{url}{FUNCTIONS}{name}{INVOCATIONS}")
        }
    }
}
