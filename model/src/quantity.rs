//! Kubernetes quantities: `250m`, `512Mi`, `1.5`. What we send must be what the API server would answer, so
//! quantities are brought into its canonical form (`k8s.io/apimachinery/pkg/api/resource`).

use std::{cmp::Ordering, fmt, iter::Sum, ops::Add};

/// An amount with a precision of one billionth and the notation it was written in.
#[derive(Clone, Copy, Debug)]
pub struct Quantity {
    nano: i128,
    notation: Notation,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Notation {
    /// `m`, `k`, `M`, …
    Decimal,
    /// `Ki`, `Mi`, …
    Binary,
    /// `e3`
    Exponent,
}

/// What is wrong with a quantity.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a quantity: write a number, optionally with `m`, `k`, `M`, `G`, `Ki`, `Mi` or `Gi`, such as `250m` or `512Mi`"
)]
pub struct QuantityError(String);

const NANO: i128 = 1_000_000_000;
const BINARY_SUFFIXES: [&str; 7] = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
/// From 10⁻⁹ upwards in steps of a thousand.
const DECIMAL_SUFFIXES: [&str; 10] = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];

impl Quantity {
    /// Reads a quantity.
    ///
    /// # Errors
    /// The text does not have the syntax of a quantity, or is too large.
    pub fn parse(text: &str) -> Result<Self, QuantityError> {
        parse(text).ok_or_else(|| QuantityError(text.to_owned()))
    }

    /// A whole number.
    pub fn whole(number: i128) -> Self {
        Self {
            nano: number.saturating_mul(NANO),
            notation: Notation::Decimal,
        }
    }

    /// Whether the amount is below zero.
    pub fn is_negative(self) -> bool {
        self.nano < 0
    }

    /// Whether the amount is zero.
    pub fn is_zero(self) -> bool {
        self.nano == 0
    }

    /// The amount taken `count` times; the largest amount there is where that is too large.
    #[must_use]
    pub fn times(self, count: i64) -> Self {
        Self {
            nano: self.nano.saturating_mul(count.into()),
            ..self
        }
    }

    /// The amount as a whole number, rounded up.
    pub fn ceil(self) -> i128 {
        self.nano.div_euclid(NANO) + i128::from(self.nano.rem_euclid(NANO) > 0)
    }
}

/// A quantity in canonical form; text that is none is given back as it is, for the check to refuse.
pub fn canonical(text: &str) -> String {
    Quantity::parse(text).map_or_else(|_| text.to_owned(), |quantity| quantity.to_string())
}

impl fmt::Display for Quantity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A binary amount that is small or no whole number is written decimally, as the API server does.
        let binary = self.notation == Notation::Binary
            && self.nano.abs() >= 1024 * NANO
            && self.nano % NANO == 0;
        if binary {
            let (mantissa, steps) = reduce(self.nano / NANO, 1024, BINARY_SUFFIXES.len() - 1);
            return write!(formatter, "{mantissa}{}", BINARY_SUFFIXES[steps]);
        }
        let (mantissa, steps) = reduce(self.nano, 1000, DECIMAL_SUFFIXES.len() - 1);
        match (mantissa, self.notation) {
            (0, _) => formatter.write_str("0"),
            (_, Notation::Exponent) if steps != 3 => {
                let exponent = 3 * i64::try_from(steps).unwrap_or_default() - 9;
                write!(formatter, "{mantissa}e{exponent}")
            }
            _ => write!(formatter, "{mantissa}{}", DECIMAL_SUFFIXES[steps]),
        }
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.nano == other.nano
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        self.nano.cmp(&other.nano)
    }
}

impl Add for Quantity {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let notation = if self.is_zero() {
            other.notation
        } else {
            self.notation
        };
        Self {
            nano: self.nano.saturating_add(other.nano),
            notation,
        }
    }
}

impl Sum for Quantity {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(
            Self {
                nano: 0,
                notation: Notation::Decimal,
            },
            Add::add,
        )
    }
}

fn parse(text: &str) -> Option<Quantity> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let number_length = unsigned.len()
        - unsigned
            .trim_start_matches(|c: char| c.is_ascii_digit() || c == '.')
            .len();
    let (number, suffix) = unsigned.split_at(number_length);
    let (scale, notation) = scale_of(suffix)?;
    let nano = scaled(number, scale)?;
    Some(Quantity {
        nano: if text.starts_with('-') { -nano } else { nano },
        notation,
    })
}

/// A factor as numerator and denominator.
struct Scale(i128, i128);

fn scale_of(suffix: &str) -> Option<(Scale, Notation)> {
    if let Some(steps) = DECIMAL_SUFFIXES.iter().position(|known| *known == suffix) {
        return power(1000, steps).map(|factor| (Scale(factor, NANO), Notation::Decimal));
    }
    if let Some(steps) = BINARY_SUFFIXES.iter().position(|known| *known == suffix) {
        return power(1024, steps).map(|factor| (Scale(factor, 1), Notation::Binary));
    }
    let exponent: i32 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
    let factor = power(10, usize::try_from(exponent.unsigned_abs()).ok()?)?;
    let scale = if exponent < 0 {
        Scale(1, factor)
    } else {
        Scale(factor, 1)
    };
    Some((scale, Notation::Exponent))
}

/// The decimal number times the scale, in billionths, rounded up as the API server rounds.
fn scaled(number: &str, Scale(numerator, denominator): Scale) -> Option<i128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if fraction.contains('.') || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    let divisor = power(10, fraction.len())?.checked_mul(denominator)?;
    let product = digits.checked_mul(numerator)?.checked_mul(NANO)?;
    Some(product / divisor + i128::from(product % divisor != 0))
}

fn power(base: i128, exponent: usize) -> Option<i128> {
    base.checked_pow(u32::try_from(exponent).ok()?)
}

/// Divides by `base` as often as no remainder is left, at most `most` times.
fn reduce(mut number: i128, base: i128, most: usize) -> (i128, usize) {
    let mut steps = 0;
    while number != 0 && number % base == 0 && steps < most {
        number /= base;
        steps += 1;
    }
    (number, steps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn canonical_forms_are_the_api_servers() {
        let table = [
            ("1", "1"),
            ("1000m", "1"),
            ("0.1", "100m"),
            ("250m", "250m"),
            ("1.5", "1500m"),
            (".5", "500m"),
            ("5.", "5"),
            ("1000", "1k"),
            ("1500", "1500"),
            ("0", "0"),
            ("0Mi", "0"),
            ("-1", "-1"),
            ("+1", "1"),
            ("1024Mi", "1Gi"),
            ("0.5Gi", "512Mi"),
            ("1536Mi", "1536Mi"),
            ("1023Ki", "1023Ki"),
            ("1Ki", "1Ki"),
            ("0.5Ki", "512"),
            ("100M", "100M"),
            ("1024", "1024"),
            ("1e3", "1e3"),
            ("1E4", "10e3"),
            ("1E", "1E"),
            ("100n", "100n"),
            ("0.1n", "1n"),
            ("8Ei", "8Ei"),
        ];
        for (text, expected) in table {
            assert_eq!(canonical(text), expected, "{text}");
        }
    }

    #[test]
    fn refuses_other_texts() {
        for text in [
            "", "m", "1mi", "1 Gi", "1GB", "1gi", "0x10", "1.2.3", ".", "--1", "ten", "1e", "1e99",
            "½",
        ] {
            assert!(Quantity::parse(text).is_err(), "{text:?} should be refused");
        }
    }

    #[test]
    fn amounts_compare_and_add() {
        let parsed = |text| Quantity::parse(text).unwrap();
        assert!(parsed("1Gi") > parsed("1G"));
        assert_eq!(parsed("1000m"), parsed("1"));
        assert_eq!((parsed("250m") + parsed("1")).to_string(), "1250m");
        assert_eq!(parsed("512Mi").times(4).to_string(), "2Gi");
        assert_eq!(
            ["1Gi", "1Gi"]
                .map(parsed)
                .into_iter()
                .sum::<Quantity>()
                .to_string(),
            "2Gi"
        );
        assert_eq!(parsed("1500m").ceil(), 2);
    }

    proptest! {
        #[test]
        fn canonical_is_stable_and_equal(number in 0_u64..10_000_000, suffix in "(n|u|m||k|M|G|Ki|Mi|Gi)") {
            let text = format!("{number}{suffix}");
            let once = canonical(&text);
            prop_assert_eq!(canonical(&once), once.clone());
            prop_assert_eq!(Quantity::parse(&once), Quantity::parse(&text));
        }

        #[test]
        fn never_panics(text in ".{0,40}") {
            let _ = canonical(&text);
        }
    }
}
