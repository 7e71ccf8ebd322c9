//! What outlives a batch of its records.

use crate::kafka::answer::{Event, HeaderSource};
use crate::kafka::native::{Headers, Message};
use crate::kafka::token::Token;

/// What an answer needs of a record.
#[derive(Debug)]
pub(in crate::kafka) struct Copied {
    pub(in crate::kafka) token: Token,
    offset: i64,
    timestamp: Option<i64>,
    key: Option<Box<[u8]>>,
    value: Option<Box<[u8]>>,
    headers: Headers,
}

impl Copied {
    pub(super) fn new(message: &Message, token: Token) -> Self {
        Self {
            token,
            offset: message.offset(),
            timestamp: message.timestamp(),
            key: message.key().map(Box::from),
            value: message.payload().map(Box::from),
            headers: message.copy_headers(0),
        }
    }

    pub(in crate::kafka) fn of_event(event: &Event<'_>) -> Self {
        Self {
            token: event.token,
            offset: event.offset,
            timestamp: event.timestamp,
            key: event.key.map(Box::from),
            value: event.value.map(Box::from),
            headers: event.copy_headers(0),
        }
    }

    pub(in crate::kafka) fn event<'a>(
        &'a self,
        partition: i32,
        topic: &'a str,
        group: &'a str,
    ) -> Event<'a> {
        Event {
            token: self.token,
            group,
            topic,
            partition,
            offset: self.offset,
            timestamp: self.timestamp,
            key: self.key.as_deref(),
            value: self.value.as_deref(),
            source: HeaderSource::List(&self.headers),
        }
    }
}
