//! A commit whose end is told.
//!
//! The wrapper's asynchronous commit never reports: librdkafka posts its event only where a C callback is configured, or
//! a queue is named, as here.

use std::ffi::CString;
use std::ptr;

use rdkafka::TopicPartitionList;
use rdkafka::bindings as sys;
use rdkafka::consumer::Consumer as _;
use rdkafka::error::{IsError as _, RDKafkaErrorCode};

use crate::kafka::consumer::Client;

/// Commits positions by topic and partition, each with metadata or an empty text. When it has ended, polling the consumer calls its `commit_callback`.
///
/// # Errors
/// If the commit could not even be asked for; then nothing is called.
pub(in crate::kafka) fn commit<'a>(
    client: &Client,
    positions: impl ExactSizeIterator<Item = (&'a str, i32, i64, &'a str)>,
) -> Result<(), RDKafkaErrorCode> {
    let size = i32::try_from(positions.len()).unwrap_or(0);
    let native = client.client().native_ptr();
    // SAFETY: the client is alive; the list frees its metadata as librdkafka's own memory; list and queue are ours until they are destroyed below; names end with NUL and are
    // copied; with neither callback nor opaque, librdkafka keeps nothing of ours.
    unsafe {
        let list = sys::rd_kafka_topic_partition_list_new(size);
        for (topic, partition, position, metadata) in positions {
            if let Ok(topic) = CString::new(topic) {
                let element =
                    sys::rd_kafka_topic_partition_list_add(list, topic.as_ptr(), partition);
                (*element).offset = position;
                if !metadata.is_empty() {
                    let copy = sys::rd_kafka_mem_malloc(native, metadata.len());
                    ptr::copy_nonoverlapping(metadata.as_ptr(), copy.cast::<u8>(), metadata.len());
                    (*element).metadata = copy;
                    (*element).metadata_size = metadata.len();
                }
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

/// The metadata of a partition's commit, if it is a text.
///
/// The wrapper panics on what is none, and somebody else may have written it.
pub(in crate::kafka) fn metadata(
    list: &TopicPartitionList,
    topic: &str,
    partition: i32,
) -> Option<String> {
    let topic = CString::new(topic).ok()?;
    // SAFETY: the list lives as long as the reference, as do its elements and their metadata, which nobody changes.
    let bytes = unsafe {
        let element =
            sys::rd_kafka_topic_partition_list_find(list.ptr(), topic.as_ptr(), partition);
        let element = element.as_ref().filter(|e| !e.metadata.is_null())?;
        std::slice::from_raw_parts(element.metadata.cast::<u8>(), element.metadata_size)
    };
    String::from_utf8(bytes.to_vec()).ok()
}
