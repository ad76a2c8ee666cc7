//! Sizes of request bodies: `16Mi` as Kubernetes writes them, `16m` as nginx does.

use crate::quantity::Quantity;

/// The size in bytes; 0 means no limit. Nothing where the text is no size.
pub(super) fn bytes(text: &str) -> Option<u64> {
    let unit = |suffix: &[char], factor: u64| {
        text.strip_suffix(suffix)
            .and_then(|number| number.parse::<u64>().ok()?.checked_mul(factor))
    };
    // In a quantity `m` means a thousandth, which no body has.
    let nginx = unit(&['k', 'K'], 1 << 10)
        .or_else(|| unit(&['m', 'M'], 1 << 20))
        .or_else(|| unit(&['g', 'G'], 1 << 30));
    nginx.or_else(|| u64::try_from(Quantity::parse(text).ok()?.ceil()).ok())
}

/// The size as nginx writes it.
pub(super) fn for_nginx(bytes: u64) -> String {
    match bytes {
        0 => "0".into(),
        b if b % (1 << 20) == 0 => format!("{}m", b >> 20),
        b if b % (1 << 10) == 0 => format!("{}k", b >> 10),
        b => b.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_notations() {
        let table = [
            ("16Mi", "16m"),
            ("16m", "16m"),
            ("1g", "1024m"),
            ("0", "0"),
            ("1Ki", "1k"),
            ("1000", "1000"),
            ("512k", "512k"),
        ];
        for (text, expected) in table {
            assert_eq!(
                bytes(text).map(for_nginx).as_deref(),
                Some(expected),
                "{text}"
            );
        }
        for text in ["", "big", "-1", "1.5x", "99999999999g"] {
            assert_eq!(bytes(text), None, "{text:?}");
        }
    }
}
