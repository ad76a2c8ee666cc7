//! Hashes that name contents, and keyed digests of secrets.

use std::{collections::BTreeMap, fmt::Write};

use aws_lc_rs::{digest, hmac};

/// First eight hexadecimal digits of SHA-256: enough to tell the few generations of one service apart.
pub fn short_hash(bytes: &[u8]) -> String {
    hex(&digest::digest(&digest::SHA256, bytes).as_ref()[..4])
}

/// First eight hexadecimal digits of HMAC-SHA-256. Without `key`, the digest says nothing about the content.
pub fn short_hmac(key: &[u8], bytes: &[u8]) -> String {
    hex(&hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), bytes).as_ref()[..4])
}

/// One readable digest per key: twelve hexadecimal digits of an HMAC over key and value, so that equal values under
/// two keys cannot be told to be equal.
pub fn digests(data: &BTreeMap<String, Vec<u8>>, key: &[u8]) -> BTreeMap<String, String> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    data.iter()
        .map(|(name, value)| (name.clone(), digest_of(&key, name, value)))
        .collect()
}

fn digest_of(key: &hmac::Key, name: &str, value: &[u8]) -> String {
    let mut context = hmac::Context::with_key(key);
    context.update(&framed(name.as_bytes()));
    context.update(value);
    hex(&context.sign().as_ref()[..6])
}

/// A map as bytes in which no two different maps are equal: each part is preceded by its length.
pub fn map_bytes(data: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    data.iter()
        .flat_map(|(name, value)| [framed(name.as_bytes()), framed(value)].concat())
        .collect()
}

fn framed(part: &[u8]) -> Vec<u8> {
    [&(part.len() as u64).to_be_bytes()[..], part].concat()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names and stored digests depend on these forever.
    #[test]
    fn known_values() {
        // SHA-256("abc") and HMAC-SHA-256("Jefe", …) of RFC 4231 test case 2.
        assert_eq!(short_hash(b"abc"), "ba7816bf");
        assert_eq!(
            short_hmac(b"Jefe", b"what do ya want for nothing?"),
            "5bdcc146"
        );
    }

    #[test]
    fn framing_keeps_maps_apart() {
        let map = |pairs: &[(&str, &str)]| {
            map_bytes(
                &pairs
                    .iter()
                    .map(|(k, v)| ((*k).to_owned(), v.as_bytes().to_vec()))
                    .collect(),
            )
        };
        assert_ne!(map(&[("a", "bc")]), map(&[("ab", "c")]));
        assert_ne!(map(&[("a", "b"), ("c", "")]), map(&[("a", ""), ("c", "b")]));
    }

    #[test]
    fn equal_values_have_different_digests() {
        let data = BTreeMap::from([
            ("A".to_owned(), b"x".to_vec()),
            ("B".to_owned(), b"x".to_vec()),
        ]);
        let first = digests(&data, b"key");
        assert_ne!(first["A"], first["B"]);
        assert_eq!(first, digests(&data, b"key"));
        assert_ne!(first, digests(&data, b"other key"));
        assert_eq!(first["A"].len(), 12);
    }
}
