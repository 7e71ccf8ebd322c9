//! SIGTERM and SIGINT: the first asks for an orderly end, the second ends the process at once.

use std::io::{self, Read as _};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGINT, SIGTERM};

/// Waits for the first signal.
#[derive(Debug)]
pub struct Signals {
    received: UnixStream,
}

/// What the second signal ends the process with.
const EXIT_CODE: i32 = 1;

impl Signals {
    /// Takes both signals over for the rest of the process.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn install() -> io::Result<Self> {
        let (received, sent) = UnixStream::pair()?;
        let asked = Arc::new(AtomicBool::new(false));
        for signal in [SIGTERM, SIGINT] {
            // In this order: the first signal finds the flag unset and sets it.
            signal_hook::flag::register_conditional_shutdown(
                signal,
                EXIT_CODE,
                Arc::clone(&asked),
            )?;
            signal_hook::flag::register(signal, Arc::clone(&asked))?;
            signal_hook::low_level::pipe::register(signal, sent.try_clone()?)?;
        }
        Ok(Self { received })
    }

    /// Asks for an orderly end, as SIGTERM from outside would.
    pub fn raise() {
        // It fails only for numbers that are no signals.
        drop(signal_hook::low_level::raise(SIGTERM));
    }

    /// Returns at the first signal.
    pub fn wait(&mut self) {
        // An error other than an interruption, which is tried again, would leave no way to wait.
        let mut byte = [0];
        while let Err(error) = self.received.read_exact(&mut byte) {
            if error.kind() != io::ErrorKind::Interrupted {
                tracing::error!(%error, "cannot wait for signals");
                return;
            }
        }
    }
}
