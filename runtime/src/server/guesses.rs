//! Limits wrong keys of the management API by address, so that nobody can try keys one after another.

use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// How many wrong keys an address may send at once; after that, one every six seconds.
const PER_MINUTE: NonZeroU32 = NonZeroU32::new(10).expect("not zero");

/// How many addresses are counted before inactive ones are forgotten.
const ADDRESSES: usize = 10_000;

/// Counts wrong keys by address.
#[derive(Debug)]
pub(super) struct Guesses(DefaultKeyedRateLimiter<IpAddr>);

impl Guesses {
    pub(super) fn new() -> Self {
        Self(RateLimiter::keyed(Quota::per_minute(PER_MINUTE)))
    }

    /// Counts a wrong key. If there were too many, the error is the time to wait. Callers without an address
    /// count as one.
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
