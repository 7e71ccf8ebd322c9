//! Cases for `group`.
