//! SIGTERM and SIGINT: the first asks for an orderly end, a later one ends the process at once. SIGHUP asks for a reload.
//!
//! Later means by a second: supervisors and terminals often send one wish twice, to the process and to its group.

use std::io::{self, Read as _};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

/// Waits for the first signal.
#[derive(Debug)]
pub struct Signals {
    received: UnixStream,
    /// Whether a further signal ends the process.
    impatient: Arc<AtomicBool>,
}

/// What a later signal ends the process with.
const EXIT_CODE: i32 = 1;
/// Signals so soon after the first are the same wish.
const SAME_WISH: Duration = Duration::from_secs(1);

impl Signals {
    /// Takes both signals over for the rest of the process.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn install() -> io::Result<Self> {
        let (received, sent) = UnixStream::pair()?;
        let impatient = Arc::new(AtomicBool::new(false));
        for signal in [SIGTERM, SIGINT] {
            signal_hook::flag::register_conditional_shutdown(
                signal,
                EXIT_CODE,
                Arc::clone(&impatient),
            )?;
            signal_hook::low_level::pipe::register(signal, sent.try_clone()?)?;
        }
        Ok(Self {
            received,
            impatient,
        })
    }

    /// Asks for an orderly end, as SIGTERM from outside would.
    pub fn raise() {
        // It fails only for numbers that are no signals.
        drop(signal_hook::low_level::raise(SIGTERM));
    }

    /// Returns at the first signal.
    pub fn wait(&mut self) {
        hear(&mut self.received);
        let impatient = Arc::clone(&self.impatient);
        let grow_impatient = move || {
            crossbeam_channel::after(SAME_WISH).recv().ok();
            impatient.store(true, Ordering::SeqCst);
        };
        let thread = std::thread::Builder::new().name("signals".to_owned());
        if let Err(error) = thread.spawn(grow_impatient) {
            tracing::warn!(%error, "a second signal will not end the process at once");
        }
    }
}

/// Waits for SIGHUP, as often as it comes.
#[derive(Debug)]
pub struct Hangups(UnixStream);

impl Hangups {
    /// Takes the signal over for the rest of the process, which it would end otherwise.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn install() -> io::Result<Self> {
        let (received, sent) = UnixStream::pair()?;
        signal_hook::low_level::pipe::register(SIGHUP, sent)?;
        Ok(Self(received))
    }

    /// Returns at the next signal; `false` if none can come any more.
    pub fn wait(&mut self) -> bool {
        hear(&mut self.0)
    }
}

/// Reads the byte that a signal leaves.
fn hear(received: &mut UnixStream) -> bool {
    let mut byte = [0];
    loop {
        match received.read_exact(&mut byte) {
            Ok(()) => return true,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                tracing::error!(%error, "cannot wait for signals");
                return false;
            }
        }
    }
}
