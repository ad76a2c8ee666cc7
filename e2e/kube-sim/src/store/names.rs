//! Uids and name suffixes that are the same in every run with the same seed.

/// What `k8s.io/apimachinery/pkg/util/rand` picks from: no vowels and no digits that look like them, so that no words arise.
const ALPHABET: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

/// SplitMix64: small, and good enough for names.
pub(super) struct Names {
    state: u64,
}

impl Names {
    pub fn new(seed: u64) -> Names {
        Names { state: seed }
    }

    /// To go on from, after loading.
    pub fn state(&self) -> u64 {
        self.state
    }

    /// A version 4 UUID.
    pub fn uid(&mut self) -> String {
        let high = (self.next() & 0xffff_ffff_ffff_0fff) | 0x4000;
        let low = (self.next() & 0x3fff_ffff_ffff_ffff) | 0x8000_0000_0000_0000;
        format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xffff,
            low >> 48,
            low & 0xffff_ffff_ffff
        )
    }

    pub fn suffix(&mut self, length: usize) -> String {
        let mut pick = || ALPHABET[usize::try_from(self.next() % 27).unwrap_or(0)];
        (0..length).map(|_| char::from(pick())).collect()
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
