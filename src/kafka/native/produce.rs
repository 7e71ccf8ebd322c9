//! Producing with headers in their own form and topics by handle, so that nothing is copied but key and value.

use std::ffi::CString;
use std::ptr::NonNull;

use rdkafka::bindings as sys;
use rdkafka::client::{Client, ClientContext};
use rdkafka::error::RDKafkaErrorCode;

use super::headers::Headers;

/// `RD_KAFKA_PARTITION_UA`
const UNASSIGNED: i32 = -1;

/// A topic to produce to.
pub(in crate::kafka) struct OutputTopic {
    topic: NonNull<sys::rd_kafka_topic_t>,
}

// SAFETY: topic handles are counted references to what librdkafka protects by locks.
unsafe impl Send for OutputTopic {}
// SAFETY: as above.
unsafe impl Sync for OutputTopic {}

/// What a record is produced with beside its headers.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::kafka) struct Content<'a> {
    /// Without one, the partitioner chooses by the key.
    pub(in crate::kafka) partition: Option<i32>,
    /// Milliseconds since the epoch; without it, the moment of production.
    pub(in crate::kafka) timestamp: Option<i64>,
    pub(in crate::kafka) key: Option<&'a [u8]>,
    pub(in crate::kafka) value: Option<&'a [u8]>,
}

/// A record was not taken over, with its headers to try again.
#[derive(Debug)]
pub(in crate::kafka) struct Rejected {
    pub(in crate::kafka) error: RDKafkaErrorCode,
    pub(in crate::kafka) headers: Headers,
}

impl OutputTopic {
    /// The topic `name` of `client`, which must outlive it; `None` if there can be no topic of this name.
    pub(in crate::kafka) fn new<C: ClientContext>(client: &Client<C>, name: &str) -> Option<Self> {
        let name = CString::new(name).ok()?;
        let client = client.native_ptr();
        // SAFETY: the client is alive and the name ends with NUL; null settings are the client's.
        let topic = unsafe { sys::rd_kafka_topic_new(client, name.as_ptr(), std::ptr::null_mut()) };
        NonNull::new(topic).map(|topic| Self { topic })
    }

    /// Hands a record over to `client`, which must be the topic's. Key and value are copied.
    ///
    /// # Errors
    /// If the client's queue is full or the record can never be produced.
    pub(in crate::kafka) fn produce<C: ClientContext>(
        &self,
        client: &Client<C>,
        content: Content<'_>,
        headers: Headers,
        opaque: usize,
    ) -> Result<(), Rejected> {
        let (key, key_bytes) = parts(content.key);
        let (value, value_bytes) = parts(content.value);
        let partition = content.partition.unwrap_or(UNASSIGNED);
        // librdkafka takes 0 for now.
        let timestamp = content.timestamp.unwrap_or(0);
        // SAFETY: the types of the arguments are those that their tags ask for, and all pointers live during the call. The
        // headers pass to librdkafka only if it succeeds. The opaque pointer is never followed.
        let error = unsafe {
            sys::rd_kafka_producev(
                client.native_ptr(),
                sys::rd_kafka_vtype_t::RD_KAFKA_VTYPE_RKT,
                self.topic.as_ptr(),
                sys::rd_kafka_vtype_t::RD_KAFKA_VTYPE_MSGFLAGS,
                sys::RD_KAFKA_MSG_F_COPY,
                sys::rd_kafka_vtype_t::RD_KAFKA_VTYPE_PARTITION,
                partition,
                sys::rd_kafka_vtype_t::RD_KAFKA_VTYPE_TIMESTAMP,
                timestamp,
                sys::rd_kafka_vtype_t::RD_KAFKA_VTYPE_VALUE,
                value,
                value_bytes,
                sys::rd_kafka_vtype_t::RD_KAFKA_VTYPE_KEY,
                key,
                key_bytes,
                sys::rd_kafka_vtype_t::RD_KAFKA_VTYPE_OPAQUE,
                std::ptr::without_provenance_mut::<std::ffi::c_void>(opaque),
                sys::rd_kafka_vtype_t::RD_KAFKA_VTYPE_HEADERS,
                headers.as_ptr(),
                sys::rd_kafka_vtype_t::RD_KAFKA_VTYPE_END,
            )
        };
        if error == sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR {
            #[expect(clippy::mem_forget, reason = "the list belongs to librdkafka now")]
            std::mem::forget(headers);
            return Ok(());
        }
        Err(Rejected {
            error: error.into(),
            headers,
        })
    }
}

/// Pointer and length; null for what is absent. An empty slice's pointer is not null.
fn parts(bytes: Option<&[u8]>) -> (*const std::ffi::c_void, usize) {
    bytes.map_or((std::ptr::null(), 0), |b| (b.as_ptr().cast(), b.len()))
}

impl Headers {
    /// A copy of the headers of a record that was not delivered.
    pub(in crate::kafka) fn of_delivery(message: &rdkafka::message::BorrowedMessage<'_>) -> Self {
        let mut list = std::ptr::null_mut();
        // SAFETY: the message lives as long as the reference.
        let error = unsafe { sys::rd_kafka_message_headers(message.ptr(), &mut list) };
        if error != sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR || list.is_null() {
            return Self::with_capacity(0);
        }
        // SAFETY: the list belongs to the message.
        unsafe { Self::copy(list) }
    }
}

impl Drop for OutputTopic {
    fn drop(&mut self) {
        // SAFETY: the reference is owned.
        unsafe { sys::rd_kafka_topic_destroy(self.topic.as_ptr()) }
    }
}

impl std::fmt::Debug for OutputTopic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OutputTopic").finish_non_exhaustive()
    }
}
