//! Restores a cache: connects again, and changes the numbers of tables that were written to in the meantime.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::link::Breaker;

/// The pause before the first attempt; it doubles with each failed one.
const SHORTEST: Duration = Duration::from_millis(100);

/// The longest pause between attempts.
const LONGEST: Duration = Duration::from_secs(1);

/// A cache that fails again sooner than this continues with its last pause, so that one that is just too slow does not
/// delay requests ten times a second.
const STABLE_AFTER: Duration = Duration::from_secs(10);

/// Restores a link each time it asks for it, until the task is aborted.
pub(super) async fn run(link: Arc<Breaker>) {
    let mut pause = SHORTEST;
    let mut mended = Instant::now();

    loop {
        link.work_available.notified().await;

        // A write that was cut short is passed on to Redis at once.
        if link.is_closed() && link.reconnect().await {
            continue;
        }

        if mended.elapsed() > STABLE_AFTER {
            pause = SHORTEST;
        }

        while !link.is_synced() {
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST);
            link.reconnect().await;
        }

        mended = Instant::now();
    }
}
