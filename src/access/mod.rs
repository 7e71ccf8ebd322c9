//! Who may ask: bearer tokens, and signatures of AWS's kind.
//!
//! Pure: what came, what is known and the time are arguments. Secrets are compared in constant time and never shown.
//!
//! *Not here*: HTTP, and AWS's names of errors: they are the edges'.

mod signature;
mod tokens;

pub use signature::{Expected, Keys, Presented, Refusal, Request, Scope, SecretKey, authorization};
pub use tokens::Tokens;
