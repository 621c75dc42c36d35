//! Long computations that do not wait for anything: parsing and planning a large request, writing a large answer. They
//! leave the serving threads to other requests.

use std::sync::LazyLock;

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::Semaphore;

/// A request or an answer with more bytes than this is a long computation.
pub(crate) const LARGE: usize = 64 * 1024;

/// Permits for long computations in the whole process: half of the processors, so that other requests find one.
static PERMITS: LazyLock<Semaphore> = LazyLock::new(|| {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    Semaphore::new((processors / 2).max(1))
});

/// Runs work. If `is_large`, it is a long computation, which first waits for a permit. It must not contain another long
/// computation, and must not wait for anything outside the process.
pub(crate) async fn run_computation<T>(is_large: bool, work: impl Future<Output = T>) -> T {
    if !is_large {
        return work.await;
    }

    // The semaphore is never closed.
    let _place = PERMITS.acquire().await.ok();
    match Handle::try_current() {
        // The other tasks of this thread move to another one.
        Ok(handle) if handle.runtime_flavor() == RuntimeFlavor::MultiThread => {
            tokio::task::block_in_place(|| handle.block_on(work))
        }
        _ => work.await,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn it_needs_no_runtime() {
        assert_eq!(run_computation(true, async { 7 }).now_or_never(), Some(7));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 8)]
    async fn no_more_compute_at_once_than_there_are_places() {
        static RUNNING: AtomicUsize = AtomicUsize::new(0);
        let most = PERMITS.available_permits();
        let work = || async move {
            let running = RUNNING.fetch_add(1, Ordering::SeqCst) + 1;
            (0..1_000).for_each(|_| std::thread::yield_now());
            RUNNING.fetch_sub(1, Ordering::SeqCst);
            running
        };

        let tasks: Vec<_> = (0..40).map(|_| tokio::spawn(run_computation(true, work()))).collect();
        for task in tasks {
            assert!(task.await.expect("no panic") <= most);
        }
    }
}
