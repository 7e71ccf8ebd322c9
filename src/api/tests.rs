//! Tables of requests and their answers.
