//! A commit whose end is told.
//!
//! The wrapper's asynchronous commit never reports: librdkafka posts its event only where a C callback is configured, or
//! a queue is named, as here.

use std::ffi::CString;
use std::ptr;

use rdkafka::bindings as sys;
use rdkafka::consumer::Consumer as _;
use rdkafka::error::{IsError as _, RDKafkaErrorCode};

use crate::kafka::consumer::Client;

/// Commits positions by topic and partition. When it has ended, polling the consumer calls its `commit_callback`.
///
/// # Errors
/// If the commit could not even be asked for; then nothing is called.
pub(in crate::kafka) fn commit<'a>(
    client: &Client,
    positions: impl ExactSizeIterator<Item = (&'a str, i32, i64)>,
) -> Result<(), RDKafkaErrorCode> {
    let size = i32::try_from(positions.len()).unwrap_or(0);
    let native = client.client().native_ptr();
    // SAFETY: the client is alive; list and queue are ours until they are destroyed below; names end with NUL and are
    // copied; with neither callback nor opaque, librdkafka keeps nothing of ours.
    unsafe {
        let list = sys::rd_kafka_topic_partition_list_new(size);
        for (topic, partition, position) in positions {
            if let Ok(topic) = CString::new(topic) {
                let element =
                    sys::rd_kafka_topic_partition_list_add(list, topic.as_ptr(), partition);
                (*element).offset = position;
            }
        }
        let queue = sys::rd_kafka_queue_get_consumer(native);
        let error = sys::rd_kafka_commit_queue(native, list, queue, None, ptr::null_mut());
        sys::rd_kafka_topic_partition_list_destroy(list);
        if !queue.is_null() {
            sys::rd_kafka_queue_destroy(queue);
        }
        if error.is_error() {
            Err(error.into())
        } else {
            Ok(())
        }
    }
}
