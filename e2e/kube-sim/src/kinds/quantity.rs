//! `resource.Quantity`: numbers with suffixes, and their one canonical spelling.

use std::cmp::Ordering;

/// A number of billionths. What Kubernetes can say fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Quantity {
    nano: i128,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Decimal,
    Binary,
    Exponent,
}

const NANO: i128 = 1_000_000_000;
const BINARY: [(&str, u32); 6] = [
    ("Ki", 10),
    ("Mi", 20),
    ("Gi", 30),
    ("Ti", 40),
    ("Pi", 50),
    ("Ei", 60),
];
const DECIMAL: [(&str, i32); 10] = [
    ("n", -9),
    ("u", -6),
    ("m", -3),
    ("", 0),
    ("k", 3),
    ("M", 6),
    ("G", 9),
    ("T", 12),
    ("P", 15),
    ("E", 18),
];

impl Quantity {
    /// Reads any spelling.
    pub fn parse(text: &str) -> Option<Quantity> {
        Some(parse(text)?.0)
    }

    /// The canonical spelling, with the kind of suffix that was given.
    pub fn canonical(text: &str) -> Option<String> {
        let (quantity, style) = parse(text)?;
        Some(quantity.spelled(style))
    }

    /// A whole number.
    pub fn whole(number: i64) -> Quantity {
        Quantity {
            nano: i128::from(number) * NANO,
        }
    }

    /// Whether it is zero.
    pub fn is_zero(self) -> bool {
        self.nano == 0
    }

    /// Whether it is less than zero.
    pub fn is_negative(self) -> bool {
        self.nano < 0
    }

    /// Whole units, rounded up.
    pub fn units(self) -> i128 {
        self.nano.div_euclid(NANO) + i128::from(self.nano.rem_euclid(NANO) > 0)
    }

    /// Thousandths, rounded up.
    pub fn milli(self) -> i128 {
        let step = NANO / 1000;
        self.nano.div_euclid(step) + i128::from(self.nano.rem_euclid(step) > 0)
    }

    /// The sum.
    #[must_use]
    pub fn plus(self, other: Quantity) -> Quantity {
        Quantity {
            nano: self.nano.saturating_add(other.nano),
        }
    }

    /// The difference.
    #[must_use]
    pub fn minus(self, other: Quantity) -> Quantity {
        Quantity {
            nano: self.nano.saturating_sub(other.nano),
        }
    }

    /// A spelling in the style of another text, as sums take it from their first part.
    pub fn like(self, text: &str) -> String {
        self.spelled(parse(text).map_or(Style::Decimal, |(_, style)| style))
    }

    fn spelled(self, style: Style) -> String {
        // Numbers that are no multiple of 1024's powers are spelled in decimals, like Go's.
        if style == Style::Binary && self.nano % NANO == 0 {
            let units = self.nano / NANO;
            if units.unsigned_abs() < 1024 {
                return units.to_string();
            }
            let fits = |(_, power): &&(&str, u32)| units % (1_i128 << power) == 0;
            return match BINARY.iter().rev().find(fits) {
                Some((suffix, power)) => format!("{}{suffix}", units >> power),
                None => units.to_string(),
            };
        }
        if self.nano == 0 {
            return "0".to_owned();
        }
        for (suffix, power) in DECIMAL.iter().rev() {
            let unit = 10_i128.pow(u32::try_from(power + 9).unwrap_or(0));
            if self.nano % unit == 0 {
                let number = self.nano / unit;
                return if style == Style::Exponent && *power != 0 {
                    format!("{number}e{power}")
                } else {
                    format!("{number}{suffix}")
                };
            }
        }
        self.nano.to_string()
    }
}

fn parse(text: &str) -> Option<(Quantity, Style)> {
    let end = text
        .find(|letter: char| !letter.is_ascii_digit() && !matches!(letter, '.' | '+' | '-'))
        .unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let (negative, digits) = match number.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, number.strip_prefix('+').unwrap_or(number)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() || fraction.len() > 18 || whole.len() > 20 {
        return None;
    }
    let digits_only = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits_only(whole) || !digits_only(fraction) {
        return None;
    }
    let mantissa: i128 = format!("{whole}{fraction}").parse().ok()?;
    let scale = i32::try_from(fraction.len()).ok()?;
    let (multiplier, power, style) = suffix_of(suffix)?;
    let exponent = power + 9 - scale;
    let scaled = mantissa.checked_mul(multiplier)?;
    let nano = match exponent.cmp(&0) {
        Ordering::Less => {
            let unit = 10_i128.checked_pow(exponent.unsigned_abs())?;
            scaled / unit + i128::from(scaled % unit != 0)
        }
        _ => scaled.checked_mul(10_i128.checked_pow(exponent.unsigned_abs())?)?,
    };
    let nano = if negative { -nano } else { nano };
    Some((Quantity { nano }, style))
}

/// Multiplier, power of ten, style.
fn suffix_of(suffix: &str) -> Option<(i128, i32, Style)> {
    if let Some((_, power)) = BINARY.iter().find(|(name, _)| *name == suffix) {
        return Some((1 << power, 0, Style::Binary));
    }
    if let Some((_, power)) = DECIMAL.iter().find(|(name, _)| *name == suffix) {
        return Some((1, *power, Style::Decimal));
    }
    let exponent = suffix.strip_prefix(['e', 'E'])?.parse::<i32>().ok()?;
    (exponent.abs() <= 18).then_some((1, exponent, Style::Exponent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        for (given, canonical) in [
            ("1000m", "1"),
            ("0.5", "500m"),
            ("1.5Gi", "1536Mi"),
            ("1024Mi", "1Gi"),
            ("0", "0"),
            ("100m", "100m"),
            ("1e3", "1e3"),
            ("2000", "2k"),
            ("128Mi", "128Mi"),
            ("0.1m", "100u"),
            ("1024", "1024"),
            ("-5", "-5"),
        ] {
            assert_eq!(
                Quantity::canonical(given).as_deref(),
                Some(canonical),
                "{given}"
            );
        }
        for wrong in ["", "abc", "1.2.3", "1Zi", "--1"] {
            assert_eq!(Quantity::canonical(wrong), None, "{wrong}");
        }
    }
}
