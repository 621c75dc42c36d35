//! Numbers that look random, and are the same in every run with the same seed.

/// `xorshift64*`.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// Seeds that are neighbours have nothing else in common.
    pub fn new(seed: u64) -> Self {
        let mixed = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        // Nothing but zeros would stay so for ever.
        Self((mixed ^ (mixed >> 27)) | 1)
    }

    fn number(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 31
    }

    /// A number below a bound, which is at least 1.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.number() % bound
    }

    /// A number up to `most`. Small and large ones come up alike: each power of two is as likely as the next.
    pub fn size(&mut self, most: usize) -> usize {
        let bits = self.below(u64::from(usize::BITS - most.leading_zeros()) + 1);
        let bound = 1_u64 << bits;
        ((bound / 2 + self.below(bound / 2 + 1)) as usize).min(most)
    }

    /// Whether something happens that happens so many times in a hundred.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of a list.
    pub fn pick<'l, T>(&mut self, list: &'l [T]) -> &'l T {
        &list[self.below(list.len() as u64) as usize]
    }

    /// So many bytes.
    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.number() as u8).collect()
    }
}
