//! Signatures that botocore made (`SigV4Auth`), and what is said about requests that are not as they were signed.

use super::{Expected, Keys, Presented, Refusal, Request, Scope, SecretKey, authorization};
use crate::machine::Timestamp;

const ACCESS_KEY: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const TIME: &str = "20150830T123600Z";
/// Half a second after it.
const SIGNED_AT_MS: i64 = 1_440_938_160_500;
const HOST: (&str, &str) = ("host", "localhost:8083");
const DATE: (&str, &str) = ("x-amz-date", TIME);
const SCOPE: Scope<'_> = Scope {
    date: "20150830",
    region: "us-east-1",
    service: "states",
};

fn signed(request: &Request<'_>) -> String {
    let secret = SecretKey::new(SECRET.to_owned());
    authorization(request, TIME, SCOPE, ACCESS_KEY, &secret)
}

#[test]
fn a_request_is_signed_as_botocore_signs_it() {
    let function = "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Af/invocations";
    let json = ("content-type", "application/x-amz-json-1.0");
    let target = ("x-amz-target", "AWSStepFunctions.ListStateMachines");
    let spaces = ("my-header", "  a   b  c ");
    let none: &[(&str, &str)] = &[];
    #[rustfmt::skip]
    let cases = [
        ("GET", "/", "", none, "", "85b3e33e10ceb6bbcdd53065f2f0eede457814d3f38d025affd560638c104deb"),
        ("GET", "/a/..", "", none, "", "85b3e33e10ceb6bbcdd53065f2f0eede457814d3f38d025affd560638c104deb"),
        ("POST", "/", "", &[target, json], "{}", "759461a505fc3d6f6a40c7f21f4f40d15972ad704497c342b262399e8bae96b3"),
        ("GET", "/a%20b/./c/../d//e/", "b=2&a=1&a=0&c", &[spaces], "", "0345c504cee91a05ee5901cacff32ffedd102a01c4e532dd6fe541435ca10fbd"),
        ("POST", function, "Qualifier=1", &[("x", "~")], r#"{"ü":1}"#, "50152f27f88323da9c6277e939572beadb1ca3fcc2bce132412f65f8a5f7fe22"),
    ];
    for (method, path, query, more, payload, expected) in cases {
        let mut headers = vec![HOST, DATE];
        headers.extend(more);
        let request = Request {
            method,
            path,
            query,
            headers: &headers,
            payload: payload.as_bytes(),
        };
        let header = signed(&request);
        let mut names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        let begin = format!(
            "AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/20150830/us-east-1/states/aws4_request, SignedHeaders={}, ",
            names.join(";")
        );
        assert_eq!(
            header,
            format!("{begin}Signature={expected}"),
            "{path}?{query}"
        );
    }
}

/// A change, and what is said about it.
type Case = (fn(&mut Sent), &'static str);

/// The good request, as it is before somebody changes it.
#[derive(Clone)]
struct Sent {
    method: &'static str,
    path: &'static str,
    query: &'static str,
    headers: Vec<(&'static str, &'static str)>,
    payload: &'static str,
    authorization: String,
    time: Option<&'static str>,
    /// Minutes after it was signed.
    minutes: i64,
}

impl Sent {
    fn good() -> Self {
        let mut good = Self {
            method: "POST",
            path: "/",
            query: "",
            headers: vec![
                HOST,
                DATE,
                ("x-amz-target", "AWSStepFunctions.StartExecution"),
            ],
            payload: "{}",
            authorization: String::new(),
            time: Some(TIME),
            minutes: 0,
        };
        good.authorization = signed(&good.request());
        good
    }

    fn request(&self) -> Request<'_> {
        Request {
            method: self.method,
            path: self.path,
            query: self.query,
            headers: &self.headers,
            payload: self.payload.as_bytes(),
        }
    }

    fn replace(&mut self, from: &str, to: &str) {
        assert!(self.authorization.contains(from), "{from}");
        self.authorization = self.authorization.replace(from, to);
    }

    fn judge(&self, keys: &Keys) -> Result<(), Refusal> {
        let expected = Expected {
            region: "us-east-1",
            service: "states",
            now: Timestamp::from_millis(SIGNED_AT_MS).plus_millis(self.minutes * 60_000),
            headers: &["x-amz-target"],
        };
        let presented = Presented::parse(Some(&self.authorization), self.time)?;
        keys.expect(&presented, &expected)?;
        keys.verify(&presented, &expected, &self.request())
    }
}

#[test]
fn what_is_not_as_it_was_signed_is_refused_in_the_words_of_aws() {
    const MISMATCH: &str = "InvalidSignatureException: The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";
    #[rustfmt::skip]
    let cases: Vec<Case> = vec![
        (|_| {}, ""),
        (|s| s.minutes = 14, ""),
        (|s| s.minutes = -15, ""),
        (|s| s.minutes = 15, "InvalidSignatureException: Signature expired: 20150830T123600Z is now earlier than 20150830T123600Z (20150830T125100Z - 15 min.)"),
        (|s| s.minutes = 60, "InvalidSignatureException: Signature expired: 20150830T123600Z is now earlier than 20150830T132100Z (20150830T133600Z - 15 min.)"),
        (|s| s.minutes = -16, "InvalidSignatureException: Signature not yet current: 20150830T123600Z is still later than 20150830T123500Z (20150830T122000Z + 15 min.)"),
        (|s| s.method = "PUT", MISMATCH),
        (|s| s.path = "/x", MISMATCH),
        (|s| s.query = "x", MISMATCH),
        (|s| s.payload = "{ }", MISMATCH),
        (|s| s.headers[0].1 = "localhost:8084", MISMATCH),
        (|s| s.headers[2].1 = "AWSStepFunctions.DeleteStateMachine", MISMATCH),
        (|s| s.headers.push(("x-amz-target", "AWSStepFunctions.DeleteStateMachine")), MISMATCH),
        (|s| s.headers.push(("user-agent", "is not signed")), ""),
        (|s| s.replace("Credential=AKIDEXAMPLE", "Credential=OTHER"), ""),
        (|s| { s.replace("Signature=", "Signature=0"); }, MISMATCH),
        (|s| s.replace("Credential=AKIDEXAMPLE", "Credential=NOBODY"), "UnrecognizedClientException: The security token included in the request is invalid."),
        (|s| s.replace("host;", ""), "InvalidSignatureException: 'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."),
        (|s| s.replace(";x-amz-target", ""), "InvalidSignatureException: There were headers present in the request which were not signed: x-amz-target"),
        (|s| s.replace("us-east-1", "eu-west-1"), "InvalidSignatureException: Credential should be scoped to a valid region, not 'eu-west-1'. "),
        (|s| s.replace("/states/", "/s3/"), "InvalidSignatureException: Credential should be scoped to correct service: 'states'. "),
        (|s| s.replace("aws4_request", "aws5"), "InvalidSignatureException: Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5'. "),
        (|s| s.replace("/20150830/", "/20150831/"), "InvalidSignatureException: Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20150831' != '20150830', from '20150830T123600Z'. "),
        (|s| s.time = Some("20150830"), "IncompleteSignatureException: Date must be in ISO-8601 'basic format'. Got '20150830'. See http://en.wikipedia.org/wiki/ISO_8601"),
        (|s| s.time = Some("20150830T999999Z"), "IncompleteSignatureException: Date must be in ISO-8601 'basic format'. Got '20150830T999999Z'. See http://en.wikipedia.org/wiki/ISO_8601"),
        (|s| s.replace("/aws4_request", ""), "IncompleteSignatureException: Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'AKIDEXAMPLE/20150830/us-east-1/states'"),
        (|s| { s.authorization = "AWS4-HMAC-SHA256 Credential=a".to_owned(); s.time = None; }, "IncompleteSignatureException: Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. (Hashed with SHA-256 and encoded with Base64) Authorization=520Nq5bS80gLhTcgcZzjkP74XCXMcdxItgMCiiN4K6U="),
        (|s| s.authorization = "AWS4-HMAC-SHA256 x".to_owned(), "IncompleteSignatureException: Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): 'D6g1GisXlH+T3tugT4kJyB0BFiEOZqjg1nGwgXnvDLA='."),
        (|s| s.authorization = "Basic dXNlcjpwYXNzd29yZA==".to_owned(), "MissingAuthenticationTokenException: Missing Authentication Token"),
        (|s| s.authorization = String::new(), "MissingAuthenticationTokenException: Missing Authentication Token"),
    ];
    let keys = Keys::parse(&format!("OTHER:{SECRET}\n{ACCESS_KEY} {SECRET}")).unwrap();
    for (number, (change, expected)) in cases.into_iter().enumerate() {
        let mut sent = Sent::good();
        change(&mut sent);
        let refusal = sent.judge(&keys).err();
        let found = refusal.map(|refusal| format!("{}: {refusal}", refusal.error_type()));
        let found = found.unwrap_or_default();
        assert_eq!(found, expected, "case {number}");
    }
}

#[test]
fn keys_are_read_and_their_secrets_never_shown() {
    let good = "# the pipeline's\nA1:0123456789abcdef,B_2 fedcba9876543210\r\n";
    let keys = Keys::parse(good).unwrap();
    assert_eq!(
        format!("{keys:?}"),
        r#"Keys({"A1": (secret), "B_2": (secret)})"#
    );
    for (text, expected) in [
        ("", "there is no key in it"),
        (
            "0123456789abcdef",
            "entry 1 must be an access key, a colon or a space, and a secret",
        ),
        (
            "A:0123456789abcdef,B/:0123456789abcdef",
            "entry 2 has an access key that is not of letters, digits and _",
        ),
        (
            "A:short",
            "the secret of A has fewer than 16 characters, and could be guessed",
        ),
        (
            "A:0123456789abcdef\nA:fedcba9876543210",
            "A has two secrets",
        ),
    ] {
        assert_eq!(Keys::parse(text).unwrap_err(), expected);
    }
}

proptest::proptest! {
    #[test]
    fn any_header_is_taken_apart_or_refused(
        authorization in "(AWS4-HMAC-SHA256 )?((Credential|Signature|SignedHeaders|x)=[a-z0-9/;=ü]{0,9}[, ]?){0,5}",
        time in "[0-9TZü]{0,17}",
        path in "[/.%aü]{0,9}",
        query in "[&=a]{0,9}",
    ) {
        let sent = Sent {
            authorization,
            time: None,
            ..Sent::good()
        };
        let keys = Keys::parse(&format!("a:{SECRET}")).unwrap();
        let expected = Expected {
            region: "a",
            service: "a",
            now: Timestamp::from_millis(SIGNED_AT_MS),
            headers: &[],
        };
        let request = Request { path: &path, query: &query, ..sent.request() };
        if let Ok(presented) = Presented::parse(Some(&sent.authorization), Some(&time)) {
            // Nobody guesses a signature.
            proptest::prop_assert!(keys.verify(&presented, &expected, &request).is_err());
            proptest::prop_assert!(keys.expect(&presented, &expected).is_err());
        }
    }
}
