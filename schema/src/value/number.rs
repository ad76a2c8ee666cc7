//! Numbers of the configuration language: decimal, of any size and precision.

use std::fmt;
use std::str::FromStr;

/// Exponents beyond this are refused: the plain text of such a number would fill the memory.
const LARGEST_EXPONENT: i64 = 10_000;

/// A number, kept as its plain decimal text: no exponent, no superfluous zeros.
///
/// The core computes with 512 bits; a binary float would lose digits, and a lost digit is
/// reported to the user as an inconsistent result. Two numbers are equal when their decimal
/// texts are equal, which is also the core's rule.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(String);

/// The text is not a decimal number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a decimal number")]
pub struct NotANumber(pub String);

impl Number {
    /// The plain decimal text; `inf` and `-inf` for the infinities.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number as an integer, if it is one and fits.
    pub fn as_i64(&self) -> Option<i64> {
        self.0.parse().ok()
    }

    /// The number as an unsigned integer, if it is one and fits.
    pub fn as_u64(&self) -> Option<u64> {
        self.0.parse().ok()
    }

    /// The nearest binary float.
    pub fn as_f64(&self) -> f64 {
        self.0.parse().unwrap_or(f64::NAN)
    }

    /// Every digit of a binary float, as the core writes one when it is exact.
    pub(crate) fn exactly(float: f64) -> Option<Self> {
        // 1074 is the number of fraction digits of the smallest positive double.
        Self::from_float(float, || format!("{float:.1074}"))
    }

    /// The shortest decimal text that means this float; `None` for a float that is no number.
    pub fn from_f64(float: f64) -> Option<Self> {
        Self::from_float(float, || float.to_string())
    }

    fn from_float(float: f64, text: impl Fn() -> String) -> Option<Self> {
        if float.is_nan() {
            return None;
        }
        if float.is_infinite() {
            return Some(Self(if float > 0.0 { "inf" } else { "-inf" }.to_owned()));
        }
        text().parse().ok()
    }

    /// Whether this is one of the infinities, which JSON cannot say.
    pub fn is_infinite(&self) -> bool {
        self.0.ends_with("inf")
    }
}

impl FromStr for Number {
    type Err = NotANumber;

    fn from_str(text: &str) -> Result<Self, NotANumber> {
        if text == "inf" || text == "-inf" {
            return Ok(Self(text.to_owned()));
        }
        plain(text)
            .map(Self)
            .ok_or_else(|| NotANumber(text.to_owned()))
    }
}

/// Rewrites `-01.50e3` as `-1500`.
fn plain(text: &str) -> Option<String> {
    let (negative, unsigned) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if exponent.abs() > LARGEST_EXPONENT {
        return None;
    }
    let point = i64::try_from(whole.len()).ok()? + exponent;
    let unsigned = place_point(&digits, point)?;
    let negative = negative && unsigned != "0";
    Some(if negative {
        format!("-{unsigned}")
    } else {
        unsigned
    })
}

/// Writes `digits` with the decimal point after the first `point` of them.
fn place_point(digits: &str, point: i64) -> Option<String> {
    let length = i64::try_from(digits.len()).ok()?;
    let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
    let (whole, fraction) = if point <= 0 {
        (String::new(), zeros(-point) + digits)
    } else if point >= length {
        (digits.to_owned() + &zeros(point - length), String::new())
    } else {
        let (whole, fraction) = digits.split_at(usize::try_from(point).ok()?);
        (whole.to_owned(), fraction.to_owned())
    };
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        trimmed => trimmed,
    };
    Some(match fraction.trim_end_matches('0') {
        "" => whole.to_owned(),
        fraction => format!("{whole}.{fraction}"),
    })
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<i64> for Number {
    fn from(number: i64) -> Self {
        Self(number.to_string())
    }
}

impl From<u64> for Number {
    fn from(number: u64) -> Self {
        Self(number.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_texts_are_brought_to_one_form() {
        let cases = [
            ("0", "0"),
            ("-0", "0"),
            ("007", "7"),
            ("1.50", "1.5"),
            ("-01.50e3", "-1500"),
            ("1e-3", "0.001"),
            ("12345678901234567890123", "12345678901234567890123"),
            ("0.1", "0.1"),
            (".5", "0.5"),
            ("1E2", "100"),
        ];
        for (text, wanted) in cases {
            assert_eq!(text.parse::<Number>().unwrap().as_str(), wanted, "{text}");
        }
        for text in ["", "-", "1e", "a", "1.2.3", "1e99999999", "0x10"] {
            assert!(text.parse::<Number>().is_err(), "{text}");
        }
    }

    #[test]
    fn floats_keep_their_value() {
        assert_eq!(Number::from_f64(0.1).unwrap().as_str(), "0.1");
        assert_eq!(Number::exactly(0.5).unwrap().as_str(), "0.5");
        assert!(
            Number::exactly(0.1)
                .unwrap()
                .as_str()
                .starts_with("0.1000000000000000055")
        );
        assert_eq!(
            Number::from_f64(f64::NEG_INFINITY).unwrap().as_str(),
            "-inf"
        );
        assert_eq!(Number::from_f64(f64::NAN), None);
    }
}
