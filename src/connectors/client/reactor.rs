//! The thread on which all requests run.

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// Threads that resolve names, which the system does only while it blocks.
const RESOLVERS_MAX: usize = 8;

/// A runtime on a thread of its own, which ends when this is dropped.
#[derive(Debug)]
pub(super) struct Reactor {
    handle: Handle,
    _stop: oneshot::Sender<()>,
}

impl Reactor {
    pub(super) fn start() -> std::io::Result<Self> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(RESOLVERS_MAX)
            .build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        std::thread::Builder::new()
            .name("connectors".to_owned())
            .spawn(move || {
                // Ends when the sender is dropped.
                drop(runtime.block_on(stopped));
                // A name that is being resolved would be waited for otherwise.
                runtime.shutdown_background();
            })?;
        Ok(Self {
            handle,
            _stop: stop,
        })
    }

    pub(super) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        drop(self.handle.spawn(work));
    }
}
