//! The body of a request, within its bounds of size and time.

use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use tokio::sync::SemaphorePermit;

use crate::api::protocol::Fault;
use crate::api::shared::Shared;

/// A body, and the share that it takes of what all bodies may take.
#[derive(Debug)]
pub(in crate::api) struct Body<'s> {
    pub(in crate::api) bytes: Vec<u8>,
    share: Option<SemaphorePermit<'s>>,
}

pub(super) async fn read(shared: &Shared, incoming: Incoming) -> Result<Body<'_>, Fault> {
    let announced = incoming.size_hint().lower();
    if announced > shared.options.body_bytes_max as u64 {
        return Err(too_large(shared));
    }
    let time_max = shared.options.body_time_max;
    let received = tokio::time::timeout(time_max, receive(shared, incoming)).await;
    received.unwrap_or_else(|_| {
        let message = format!("The body did not come within {} s", time_max.as_secs());
        Err(Fault::new("RequestTimeoutException", message).with_status(408))
    })
}

async fn receive(shared: &Shared, mut incoming: Incoming) -> Result<Body<'_>, Fault> {
    let mut body = Body {
        bytes: Vec::new(),
        share: None,
    };
    while let Some(frame) = incoming.frame().await {
        let frame = frame.map_err(|error| {
            Fault::serialization(format!("The body ended before its end: {error}"))
        })?;
        let Some(data) = frame.data_ref() else {
            continue;
        };
        if body.bytes.len() + data.len() > shared.options.body_bytes_max {
            return Err(too_large(shared));
        }
        body.take_share(shared, data.len())?;
        body.bytes.extend_from_slice(data);
    }
    Ok(body)
}

impl<'s> Body<'s> {
    /// Only what has come is counted: who announces much and sends nothing takes nothing.
    fn take_share(&mut self, shared: &'s Shared, bytes: usize) -> Result<(), Fault> {
        let permits = u32::try_from(bytes).unwrap_or(u32::MAX);
        let Ok(share) = shared.body_bytes.try_acquire_many(permits) else {
            return Err(Fault::throttled("Rate exceeded: too many bytes at once"));
        };
        match &mut self.share {
            Some(whole) => whole.merge(share),
            None => self.share = Some(share),
        }
        Ok(())
    }
}

fn too_large(shared: &Shared) -> Fault {
    let max = shared.options.body_bytes_max;
    let message = format!("The body has more than {max} bytes");
    Fault::new("RequestEntityTooLargeException", message).with_status(413)
}
