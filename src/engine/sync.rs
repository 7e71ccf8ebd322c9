//! The atomics and locks by which threads meet in an engine: those of the standard library, or in the tests of `orders` those of a
//! scheduler that tries the orders in which they may come.

#[cfg(not(feature = "shuttle"))]
pub(super) use std::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

#[cfg(feature = "shuttle")]
pub(super) use shuttle::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};
