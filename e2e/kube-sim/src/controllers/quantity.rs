//! Amounts of resources: `500m`, `1Gi`, `2`. Kept in thousandths, which is as fine as the scheduler counts.

use std::collections::BTreeMap;

use serde_json::Value;

use super::object::{list, members};

/// Amounts by resource name, in thousandths.
pub type Amounts = BTreeMap<String, i128>;

const DECIMAL: [(&str, i32); 9] = [
    ("n", -3),
    ("u", -2),
    ("m", -1),
    ("k", 1),
    ("M", 2),
    ("G", 3),
    ("T", 4),
    ("P", 5),
    ("E", 6),
];
const BINARY: [(&str, u32); 6] = [
    ("Ki", 1),
    ("Mi", 2),
    ("Gi", 3),
    ("Ti", 4),
    ("Pi", 5),
    ("Ei", 6),
];

/// Thousandths of an amount, rounded up; `None` for what is no amount.
pub fn parse(amount: &Value) -> Option<i128> {
    match amount {
        Value::String(text) => parse_text(text),
        Value::Number(number) => parse_text(&number.to_string()),
        _ => None,
    }
}

fn parse_text(text: &str) -> Option<i128> {
    let end = text
        .find(|letter: char| letter.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let (digits, suffix) = text.split_at(end);
    if let Some((_, power)) = BINARY.iter().find(|(name, _)| *name == suffix) {
        return scaled(digits, 1000 * 1024_i128.pow(*power), 1);
    }
    if let Some((_, power)) = DECIMAL.iter().find(|(name, _)| *name == suffix) {
        return by_ten(digits, power * 3);
    }
    match suffix.strip_prefix(['e', 'E']) {
        Some(exponent) => by_ten(
            digits,
            format!("{exponent}{}", &text[end + suffix.len()..])
                .parse()
                .ok()?,
        ),
        None if suffix.is_empty() => by_ten(digits, 0),
        None => None,
    }
}

fn by_ten(digits: &str, exponent: i32) -> Option<i128> {
    let exponent = exponent
        .checked_add(3)
        .filter(|exponent| exponent.abs() <= 24)?;
    let factor = 10_i128.pow(exponent.unsigned_abs());
    if exponent >= 0 {
        scaled(digits, factor, 1)
    } else {
        scaled(digits, 1, factor)
    }
}

/// Decimal digits times `up` by `down`, rounded up.
fn scaled(digits: &str, up: i128, down: i128) -> Option<i128> {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let places = 10_i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let value: i128 = format!("{whole}{fraction}").parse().ok()?;
    let (value, down) = (value.checked_mul(up)?, down.checked_mul(places)?);
    Some(value.div_euclid(down) + i128::from(value.rem_euclid(down) != 0))
}

/// An amount in the form in which the API prints it: thousandths as `m`, else the largest suffix that divides
/// it, binary for memory and storage.
pub fn print(name: &str, thousandths: i128) -> String {
    if thousandths % 1000 != 0 {
        return format!("{thousandths}m");
    }
    let whole = thousandths / 1000;
    let bytes = name.ends_with("memory") || name.ends_with("storage");
    if bytes {
        for (suffix, power) in BINARY.iter().rev() {
            let unit = 1024_i128.pow(*power);
            if whole != 0 && whole % unit == 0 {
                return format!("{}{suffix}", whole / unit);
            }
        }
        return whole.to_string();
    }
    for (suffix, power) in DECIMAL.iter().rev().filter(|(_, power)| *power > 0) {
        let unit = 1000_i128.pow(power.unsigned_abs());
        if whole != 0 && whole % unit == 0 {
            return format!("{}{suffix}", whole / unit);
        }
    }
    whole.to_string()
}

/// Adds amounts to others.
pub fn add(to: &mut Amounts, amounts: &Amounts) {
    for (name, amount) in amounts {
        *to.entry(name.clone()).or_default() += amount;
    }
}

/// Takes amounts from others.
pub fn subtract(from: &mut Amounts, amounts: &Amounts) {
    for (name, amount) in amounts {
        *from.entry(name.clone()).or_default() -= amount;
    }
}

/// The amounts of a map of quantities, such as `status.allocatable`.
pub fn amounts(object: &Value, pointer: &str) -> Amounts {
    let parsed =
        members(object, pointer).filter_map(|(name, amount)| Some((name.clone(), parse(amount)?)));
    parsed.collect()
}

/// What a pod needs of `requests` or `limits`: its containers and sidecars together, or its largest init container.
pub fn of_pod(pod: &Value, which: &str) -> Amounts {
    let pointer = format!("/resources/{which}");
    let mut together = Amounts::new();
    for container in list(pod, "/spec/containers") {
        add(&mut together, &amounts(container, &pointer));
    }
    let mut sidecars = Amounts::new();
    let mut largest = Amounts::new();
    for container in list(pod, "/spec/initContainers") {
        let mut own = amounts(container, &pointer);
        if container["restartPolicy"] == "Always" {
            add(&mut sidecars, &own);
            add(&mut together, &own);
            continue;
        }
        add(&mut own, &sidecars);
        for (name, amount) in own {
            let most = largest.entry(name).or_default();
            *most = amount.max(*most);
        }
    }
    for (name, amount) in largest {
        let needed = together.entry(name).or_default();
        *needed = amount.max(*needed);
    }
    together
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads() {
        for (text, wanted) in [
            ("1", Some(1000)),
            ("500m", Some(500)),
            ("0.5", Some(500)),
            ("1Ki", Some(1_024_000)),
            ("1.5Gi", Some(1_610_612_736_000)),
            ("2k", Some(2_000_000)),
            ("1e3", Some(1_000_000)),
            ("100u", Some(1)),
            ("", None),
            ("1x", None),
        ] {
            assert_eq!(parse(&json!(text)), wanted, "{text}");
        }
    }

    #[test]
    fn prints_as_it_read() {
        for (name, text) in [
            ("cpu", "250m"),
            ("cpu", "2"),
            ("requests.memory", "64Mi"),
            ("memory", "1536Mi"),
            ("pods", "10"),
            ("cpu", "0"),
            ("memory", "0"),
        ] {
            assert_eq!(print(name, parse(&json!(text)).unwrap()), text);
        }
    }

    #[test]
    fn a_pod_needs_its_containers_or_its_largest_init_container() {
        let pod = json!({"spec": {
            "containers": [{"resources": {"requests": {"cpu": "100m"}}}, {"resources": {"requests": {"cpu": "50m"}}}],
            "initContainers": [
                {"resources": {"requests": {"cpu": "10m"}}, "restartPolicy": "Always"},
                {"resources": {"requests": {"cpu": "1", "memory": "1Mi"}}},
            ],
        }});
        let wanted = Amounts::from([
            ("cpu".to_owned(), 1010),
            ("memory".to_owned(), 1_048_576_000),
        ]);
        assert_eq!(of_pod(&pod, "requests"), wanted);
    }
}
