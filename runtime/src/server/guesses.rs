//! Wrong keys of the management API, counted by address, so that nobody tries them one after the other.

use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// So many wrong keys of one address are answered at once, and then one in six seconds.
const PER_MINUTE: NonZeroU32 = NonZeroU32::new(10).expect("it is no zero");

/// Addresses that are counted before those that have been quiet are forgotten.
const ADDRESSES: usize = 10_000;

/// What is known of wrong keys.
#[derive(Debug)]
pub(super) struct Guesses(DefaultKeyedRateLimiter<IpAddr>);

impl Guesses {
    pub(super) fn new() -> Self {
        Self(RateLimiter::keyed(Quota::per_minute(PER_MINUTE)))
    }

    /// Counts a wrong key; how long to wait where they are too many. Callers without an address count as one.
    pub(super) fn count(&self, address: Option<IpAddr>) -> Result<(), Duration> {
        if self.0.len() > ADDRESSES {
            self.0.retain_recent();
        }
        let address = address.unwrap_or(Ipv4Addr::UNSPECIFIED.into());
        self.0
            .check_key(&address)
            .map_err(|until| until.wait_time_from(DefaultClock::default().now()))
    }
}
