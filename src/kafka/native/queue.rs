//! The one queue into which all assigned partitions of a consumer are forwarded, apart from its control events.
//!
//! librdkafka ends the forwarding when a partition's fetching stops, which happens on its own thread some time after the
//! partition was unassigned: if the same partition comes back meanwhile, the forwarding set for the new assignment is lost and the
//! partition is mute. Forwarding is cheap and may be repeated, and moves over what has piled up: whoever
//! assigns a partition repeats it until its first record has arrived.

use std::ffi::{CString, c_void};
use std::ptr::NonNull;
use std::sync::Arc;

use crossbeam_channel::Sender;
use rdkafka::bindings as sys;
use rdkafka::consumer::Consumer as _;

use super::message::{Fetched, Message, Records};
use crate::kafka::consumer::Client;

/// Keeps a consumer alive as long as its messages are. The client is taken down on a thread of its own, as that can
/// take long, and whoever drops the last message may be a worker.
pub(in crate::kafka) struct Anchor {
    client: Option<Arc<Client>>,
    /// Closed when the client is gone.
    gone: Option<Sender<()>>,
}

/// Where the records of a consumer arrive.
pub(in crate::kafka) struct MessageQueue {
    queue: NonNull<sys::rd_kafka_queue_t>,
    anchor: Arc<Anchor>,
    buffer: Vec<*mut sys::rd_kafka_message_t>,
    /// What librdkafka's callback uses, as long as the queue is there.
    wake: Box<Sender<()>>,
}

// SAFETY: queues may be used from any thread; the buffer is empty between calls.
unsafe impl Send for MessageQueue {}

impl MessageQueue {
    /// A queue of `client` that tells `wake` when a record arrives while it is empty, and gives out at most `batch_records_max` at once.
    ///
    /// `gone` is closed when the client has been taken down, after the last of its messages was freed.
    pub(in crate::kafka) fn new(
        client: Arc<Client>,
        batch_records_max: usize,
        wake: Sender<()>,
        gone: Sender<()>,
    ) -> Self {
        // SAFETY: the client is alive.
        let queue = unsafe { sys::rd_kafka_queue_new(client.client().native_ptr()) };
        let queue = NonNull::new(queue).expect("librdkafka aborts when memory is exhausted");
        let wake = Box::new(wake);
        let opaque = std::ptr::from_ref::<Sender<()>>(&wake)
            .cast_mut()
            .cast::<c_void>();
        // SAFETY: `wake` has its place until the callback is switched off in `drop`.
        unsafe { sys::rd_kafka_queue_cb_event_enable(queue.as_ptr(), Some(on_event), opaque) };
        let anchor = Anchor {
            client: Some(client),
            gone: Some(gone),
        };
        Self {
            queue,
            anchor: Arc::new(anchor),
            buffer: Vec::with_capacity(batch_records_max),
            wake,
        }
    }

    /// Lets a partition's records arrive here. Does nothing if there is no such partition.
    pub(in crate::kafka) fn forward(&self, topic: &str, partition: i32) {
        let (Some(client), Ok(topic)) = (&self.anchor.client, CString::new(topic)) else {
            return;
        };
        let client = client.client().native_ptr();
        // SAFETY: client and queue are alive; the partition's queue is given back when it was used.
        unsafe {
            let source = sys::rd_kafka_queue_get_partition(client, topic.as_ptr(), partition);
            if !source.is_null() {
                sys::rd_kafka_queue_forward(source, self.queue.as_ptr());
                sys::rd_kafka_queue_destroy(source);
            }
        }
    }

    /// The end of a partition as the last fetch told it, without asking the broker.
    pub(in crate::kafka) fn end_offset(&self, topic: &str, partition: i32) -> Option<i64> {
        let client = self.anchor.client.as_ref()?.client().native_ptr();
        let topic = CString::new(topic).ok()?;
        let (mut low, mut high) = (-1, -1);
        // SAFETY: the client is alive, the name ends with NUL, and the other pointers are to this frame.
        unsafe {
            sys::rd_kafka_get_watermark_offsets(
                client,
                topic.as_ptr(),
                partition,
                &mut low,
                &mut high,
            );
        }
        (high >= 0).then_some(high)
    }

    /// The records that are there, up to the bound of a batch, without waiting. Errors of partitions are among them.
    pub(in crate::kafka) fn take(&mut self) -> Records {
        let (buffer, room) = (self.buffer.as_mut_ptr(), self.buffer.capacity());
        // SAFETY: the buffer has room for as many pointers.
        let taken =
            unsafe { sys::rd_kafka_consume_batch_queue(self.queue.as_ptr(), 0, buffer, room) };
        let taken = usize::try_from(taken).unwrap_or(0);
        // SAFETY: so many pointers were written.
        unsafe { self.buffer.set_len(taken) };
        let owned = |message| {
            // SAFETY: the call gave the message to us, and its client is anchored in the records.
            NonNull::new(message).map(|message| Message::Fetched(unsafe { Fetched::new(message) }))
        };
        let messages = self.buffer.drain(..).map(|message| (owned(message), 0));
        Records::new(messages.collect(), Arc::clone(&self.anchor))
    }
}

/// Called on a thread of librdkafka, which must not wait.
unsafe extern "C" fn on_event(_: *mut sys::rd_kafka_t, wake: *mut c_void) {
    // SAFETY: the sender lives as long as the callback is switched on.
    let wake = unsafe { &*wake.cast::<Sender<()>>() };
    // A full channel means that the poll loop is about to look anyway.
    wake.try_send(()).ok();
}

impl Drop for MessageQueue {
    fn drop(&mut self) {
        // SAFETY: the queue is owned; the callback is switched off under the queue's lock before its sender goes.
        unsafe {
            sys::rd_kafka_queue_cb_event_enable(self.queue.as_ptr(), None, std::ptr::null_mut());
            sys::rd_kafka_queue_destroy(self.queue.as_ptr());
        }
    }
}

impl std::fmt::Debug for MessageQueue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MessageQueue")
            .field("wake", &self.wake)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Anchor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Anchor").finish_non_exhaustive()
    }
}

impl Drop for Anchor {
    fn drop(&mut self) {
        let client = self.client.take();
        let gone = self.gone.take();
        let spawned = std::thread::Builder::new()
            .name("kafka-closer".to_owned())
            .spawn(move || {
                drop(client);
                drop(gone);
            });
        // Without a further thread the closure, and the client in it, were dropped here.
        drop(spawned);
    }
}
