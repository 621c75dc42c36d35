//! Work that computes for long without waiting for anything: reading and planning a large request, writing a large
//! answer. It leaves the threads that serve everybody to the others.

use std::sync::LazyLock;

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::Semaphore;

/// A request or an answer of so many bytes computes for long.
pub(crate) const LARGE: usize = 64 * 1024;

/// How many compute for long at once, in the whole process: half of the processors, so that the others find one.
static PLACES: LazyLock<Semaphore> = LazyLock::new(|| {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    Semaphore::new((processors / 2).max(1))
});

/// Runs work that computes for long if `is_large`, behind the bound. It must not contain other such work, and not wait
/// for anything outside the process.
pub(crate) async fn computing<T>(is_large: bool, work: impl Future<Output = T>) -> T {
    if !is_large {
        return work.await;
    }

    // The semaphore is never closed.
    let _place = PLACES.acquire().await.ok();
    match Handle::try_current() {
        // The other tasks of this thread move to another one.
        Ok(handle) if handle.runtime_flavor() == RuntimeFlavor::MultiThread => {
            tokio::task::block_in_place(|| handle.block_on(work))
        }
        _ => work.await,
    }
}
