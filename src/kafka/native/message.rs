//! Received messages, owned by us and freed on drop; key and payload are read where librdkafka put them.
//!
//! A simulation makes messages of its own, which cost the others one predicted branch a look.

use std::cell::Cell;
use std::ptr::{self, NonNull};
use std::sync::Arc;

use rdkafka::bindings as sys;
use rdkafka::error::RDKafkaErrorCode;

use super::headers::{HeaderIter, Headers};
use super::queue::Anchor;

/// One received message.
pub(in crate::kafka) enum Message {
    /// As librdkafka gave it.
    Fetched(Fetched),
    /// A record that did not come by librdkafka: a simulation's.
    Made(Box<Made>),
}

/// A message in librdkafka's memory, which is part of a whole fetch response and is freed with its last message: whoever keeps
/// a message for long copies what it needs.
pub(in crate::kafka) struct Fetched {
    message: NonNull<sys::rd_kafka_message_t>,
    /// The headers once they were asked for, null if there are none: librdkafka looks for them anew each time then. Reading
    /// them parses them, so a message is not to be shared between threads.
    headers: Cell<Option<*const sys::rd_kafka_headers_t>>,
}

/// A record in memory of its own.
#[derive(Debug)]
pub(in crate::kafka) struct Made {
    /// The same for all records of a topic.
    pub(in crate::kafka) topic: Arc<str>,
    pub(in crate::kafka) partition: i32,
    pub(in crate::kafka) offset: i64,
    pub(in crate::kafka) leader_epoch: Option<i32>,
    pub(in crate::kafka) timestamp: Option<i64>,
    pub(in crate::kafka) key: Option<Box<[u8]>>,
    pub(in crate::kafka) value: Option<Box<[u8]>>,
    pub(in crate::kafka) headers: Headers,
}

// SAFETY: librdkafka hands a message over to the caller, who may read and destroy it on any thread, one at a time.
unsafe impl Send for Fetched {}

impl Message {
    /// An address that is equal for messages of one topic of one client. The topic is only to be asked for once.
    pub(in crate::kafka) fn topic_address(&self) -> usize {
        match self {
            Self::Fetched(fetched) => fetched.get().rkt.addr(),
            Self::Made(made) => made.topic.as_ptr().addr(),
        }
    }

    pub(in crate::kafka) fn topic(&self) -> String {
        match self {
            Self::Fetched(fetched) => fetched.topic(),
            Self::Made(made) => made.topic.as_ref().to_owned(),
        }
    }

    pub(in crate::kafka) fn partition(&self) -> i32 {
        match self {
            Self::Fetched(fetched) => fetched.get().partition,
            Self::Made(made) => made.partition,
        }
    }

    pub(in crate::kafka) fn offset(&self) -> i64 {
        match self {
            Self::Fetched(fetched) => fetched.get().offset,
            Self::Made(made) => made.offset,
        }
    }

    /// If this is no record but an error of its partition.
    pub(in crate::kafka) fn error(&self) -> Option<RDKafkaErrorCode> {
        match self {
            Self::Fetched(fetched) => fetched.error(),
            Self::Made(_) => None,
        }
    }

    pub(in crate::kafka) fn key(&self) -> Option<&[u8]> {
        match self {
            Self::Fetched(fetched) => fetched.key(),
            Self::Made(made) => made.key.as_deref(),
        }
    }

    /// `None` for a null value, which is not an empty one.
    pub(in crate::kafka) fn payload(&self) -> Option<&[u8]> {
        match self {
            Self::Fetched(fetched) => fetched.payload(),
            Self::Made(made) => made.value.as_deref(),
        }
    }

    /// The leader epoch in which it was written, if the broker tells.
    pub(in crate::kafka) fn leader_epoch(&self) -> Option<i32> {
        match self {
            Self::Fetched(fetched) => fetched.leader_epoch(),
            Self::Made(made) => made.leader_epoch,
        }
    }

    /// Milliseconds since the epoch, if the record has a time.
    pub(in crate::kafka) fn timestamp(&self) -> Option<i64> {
        match self {
            Self::Fetched(fetched) => fetched.timestamp(),
            Self::Made(made) => made.timestamp,
        }
    }

    pub(in crate::kafka) fn headers(&self) -> HeaderIter<'_> {
        match self {
            // SAFETY: the list belongs to the message, which the iterator borrows.
            Self::Fetched(fetched) => unsafe { HeaderIter::new(fetched.header_list()) },
            Self::Made(made) => made.headers.iter(),
        }
    }

    /// A copy of the headers, byte for byte, to which `more` can be added without growing.
    pub(in crate::kafka) fn copy_headers(&self, more: usize) -> Headers {
        match self {
            Self::Fetched(fetched) => fetched.copy_headers(more),
            Self::Made(made) => made.headers.clone(),
        }
    }
}

impl Fetched {
    /// # Safety
    /// `message` must come from a batch call, and nobody else may destroy it. Its client must outlive it.
    pub(super) const unsafe fn new(message: NonNull<sys::rd_kafka_message_t>) -> Self {
        Self {
            message,
            headers: Cell::new(None),
        }
    }

    fn get(&self) -> &sys::rd_kafka_message_t {
        // SAFETY: it is owned, and changed by nobody.
        unsafe { self.message.as_ref() }
    }

    fn topic(&self) -> String {
        if self.get().rkt.is_null() {
            return String::new();
        }
        // SAFETY: the message holds its topic, whose name ends with NUL.
        let name = unsafe { std::ffi::CStr::from_ptr(sys::rd_kafka_topic_name(self.get().rkt)) };
        name.to_string_lossy().into_owned()
    }

    fn error(&self) -> Option<RDKafkaErrorCode> {
        let error = self.get().err;
        (error != sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR).then(|| error.into())
    }

    fn key(&self) -> Option<&[u8]> {
        let message = self.get();
        // SAFETY: key and its length are librdkafka's, and live as long as the message.
        unsafe { bytes(message.key, message.key_len) }
    }

    fn payload(&self) -> Option<&[u8]> {
        let message = self.get();
        // SAFETY: as for the key.
        unsafe { bytes(message.payload, message.len) }
    }

    fn leader_epoch(&self) -> Option<i32> {
        // SAFETY: the message is live.
        let epoch = unsafe { sys::rd_kafka_message_leader_epoch(self.message.as_ptr()) };
        (epoch >= 0).then_some(epoch)
    }

    fn timestamp(&self) -> Option<i64> {
        let mut kind = sys::rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
        // SAFETY: the message is live.
        let ms = unsafe { sys::rd_kafka_message_timestamp(self.message.as_ptr(), &mut kind) };
        (ms >= 0).then_some(ms)
    }

    fn copy_headers(&self, more: usize) -> Headers {
        let list = self.header_list();
        if list.is_null() {
            return Headers::with_capacity(more);
        }
        // SAFETY: the list belongs to the message.
        unsafe { Headers::copy(list) }
    }

    fn header_list(&self) -> *const sys::rd_kafka_headers_t {
        if let Some(known) = self.headers.get() {
            return known;
        }
        let list = self.find_headers();
        self.headers.set(Some(list));
        list
    }

    fn find_headers(&self) -> *const sys::rd_kafka_headers_t {
        let mut list = ptr::null_mut();
        // SAFETY: the message is owned and not shared, so that the first call may parse.
        let error = unsafe { sys::rd_kafka_message_headers(self.message.as_ptr(), &mut list) };
        if error == sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR {
            list
        } else {
            ptr::null()
        }
    }
}

impl Drop for Fetched {
    fn drop(&mut self) {
        // SAFETY: it is owned, and this is its last use.
        unsafe { sys::rd_kafka_message_destroy(self.message.as_ptr()) }
    }
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message")
            .field("partition", &self.partition())
            .field("offset", &self.offset())
            .finish_non_exhaustive()
    }
}

/// # Safety
/// `start` must be null or point to `length` bytes that live and do not change for `'a`.
unsafe fn bytes<'a>(start: *const std::ffi::c_void, length: usize) -> Option<&'a [u8]> {
    // SAFETY: by this function's contract.
    (!start.is_null()).then(|| unsafe { std::slice::from_raw_parts(start.cast::<u8>(), length) })
}

/// Messages with a mark each, and the client that they belong to, which lives as long as any of them.
#[derive(Debug)]
pub(in crate::kafka) struct Records {
    // Dropped before the anchor.
    messages: Vec<(Option<Message>, u64)>,
    anchor: Option<Arc<Anchor>>,
}

impl Records {
    pub(super) const fn new(messages: Vec<(Option<Message>, u64)>, anchor: Arc<Anchor>) -> Self {
        let anchor = Some(anchor);
        Self { messages, anchor }
    }

    /// Records that did not come by librdkafka.
    pub(in crate::kafka) fn made(records: Vec<Made>) -> Self {
        let made = |record| (Some(Message::Made(Box::new(record))), 0);
        Self {
            messages: records.into_iter().map(made).collect(),
            anchor: None,
        }
    }

    pub(in crate::kafka) const fn len(&self) -> usize {
        self.messages.len()
    }

    pub(in crate::kafka) const fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// The message and its mark, unless it was freed.
    pub(in crate::kafka) fn get(&self, index: usize) -> Option<(&Message, u64)> {
        let (message, mark) = self.messages.get(index)?;
        Some((message.as_ref()?, *mark))
    }

    /// Frees one message.
    pub(in crate::kafka) fn free(&mut self, index: usize) {
        if let Some((message, _)) = self.messages.get_mut(index) {
            *message = None;
        }
    }

    /// Frees all messages and their list, and lets the client go that they came from.
    pub(in crate::kafka) fn clear(&mut self) {
        self.messages = Vec::new();
        self.anchor = None;
    }

    /// Sorts the messages into `places` lists and marks them; a message without a place is freed.
    pub(in crate::kafka) fn sort(
        self,
        places: usize,
        mut choose: impl FnMut(&Message) -> Option<(usize, u64)>,
    ) -> Vec<Self> {
        let anchor = self.anchor;
        let empty = || Self {
            messages: Vec::new(),
            anchor: anchor.clone(),
        };
        let mut sorted: Vec<Self> = (0..places).map(|_| empty()).collect();
        for message in self.messages.into_iter().filter_map(|(message, _)| message) {
            if let Some((place, mark)) = choose(&message)
                && let Some(records) = sorted.get_mut(place)
            {
                records.messages.push((Some(message), mark));
            }
        }
        sorted
    }
}
