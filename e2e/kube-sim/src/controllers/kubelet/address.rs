//! Addresses of pods: from 10.244.0.0/16, as most clusters have it.

use crate::controllers::World;

/// All but the network's own and the broadcast address.
const ADDRESSES: u32 = 65_534;

/// An address that no pod has. Where the search begins depends on the pod alone, so that the same story gives
/// the same addresses.
pub fn free(world: &World, uid: &str) -> String {
    let start = uid.bytes().fold(7_u32, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u32::from(byte))
    });
    let candidates = (0..ADDRESSES).map(|step| address(start.wrapping_add(step) % ADDRESSES + 1));
    let mut free = candidates.filter(|address| !world.is_taken(address));
    free.next().unwrap_or_else(|| address(1))
}

fn address(number: u32) -> String {
    format!("10.244.{}.{}", number / 256, number % 256)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn within_the_network() {
        assert_eq!(address(1), "10.244.0.1");
        assert_eq!(address(ADDRESSES), "10.244.255.254");
    }
}
