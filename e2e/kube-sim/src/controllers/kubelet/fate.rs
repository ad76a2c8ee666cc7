//! What becomes of a pod: what its annotation says, else the tag of an image, else what its references find.

use std::time::Duration;

use serde_json::Value;

use super::configuration;
use crate::controllers::World;
use crate::controllers::object::{annotation, list, text};

/// How a pod ends up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It becomes ready.
    Ready,
    /// The registry does not have the image.
    ImageNotFound,
    /// The image's name is none.
    InvalidImage,
    /// Its containers exit soon after each start.
    Crashes,
    /// Its readiness probe fails for ever.
    NeverReady,
    /// It becomes ready late.
    Slow,
    /// Its containers cannot be created: the kubelet's words.
    Misconfigured(String),
    /// A volume cannot be mounted: its name and the kubelet's words.
    Unmounted(String, String),
}

/// What becomes of a pod.
pub fn of(world: &World, pod: &Value) -> Fate {
    if let Some(mode) = annotation(pod, "fail.seedling.dev/mode") {
        return by_mode(pod, mode).unwrap_or(Fate::Ready);
    }
    let images = || {
        list(pod, "/spec/containers")
            .iter()
            .map(|container| text(container, "/image"))
    };
    if let Some(fate) = images().find_map(by_tag) {
        return fate;
    }
    if images().any(|image| !is_reference(image)) {
        return Fate::InvalidImage;
    }
    if let Some((volume, words)) = configuration::missing_volume(world, pod) {
        return Fate::Unmounted(volume, words);
    }
    match configuration::missing_value(world, pod) {
        Some(words) => Fate::Misconfigured(words),
        None => Fate::Ready,
    }
}

fn by_mode(pod: &Value, mode: &str) -> Option<Fate> {
    Some(match mode {
        "image-not-found" => Fate::ImageNotFound,
        "invalid-image" => Fate::InvalidImage,
        "crash-loop" => Fate::Crashes,
        "never-ready" => Fate::NeverReady,
        "slow" => Fate::Slow,
        "config-error" => {
            let words = told(pod).unwrap_or("couldn't find key missing in Secret default/missing");
            Fate::Misconfigured(words.to_owned())
        }
        _ => return None,
    })
}

fn by_tag(image: &str) -> Option<Fate> {
    let (_, tag) = image
        .rsplit_once(':')
        .filter(|(_, tag)| !tag.contains('/'))?;
    let fates = [
        ("not-found", Fate::ImageNotFound),
        ("crash", Fate::Crashes),
        ("never-ready", Fate::NeverReady),
        ("slow", Fate::Slow),
    ];
    fates
        .into_iter()
        .find(|(beginning, _)| tag.starts_with(beginning))
        .map(|(_, fate)| fate)
}

/// Whether a name can be an image's: `distribution/reference` without the length rules.
fn is_reference(image: &str) -> bool {
    let (name, digest) = image.split_once('@').unwrap_or((image, "sha256:0"));
    let (path, tag) = match name.rsplit_once(':') {
        Some((path, tag)) if !tag.contains('/') => (path, tag),
        _ => (name, "latest"),
    };
    let in_tag = |letter: char| letter.is_ascii_alphanumeric() || "_.-".contains(letter);
    let parts: Vec<&str> = path.split('/').collect();
    let domain = parts.len() > 1
        && parts.first().is_some_and(|part| {
            part.contains(['.', ':'])
                || *part == "localhost"
                || part.chars().any(char::is_uppercase)
        });
    digest.contains(':')
        && !tag.is_empty()
        && tag.chars().all(in_tag)
        && !tag.starts_with(['.', '-'])
        && parts
            .iter()
            .skip(usize::from(domain))
            .all(|part| is_path_part(part))
}

fn is_path_part(part: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    part.starts_with(plain)
        && part.ends_with(plain)
        && part
            .chars()
            .all(|letter| plain(letter) || "_.-".contains(letter))
}

/// What registry, kubelet or probe are to say instead of their usual words.
pub fn told(pod: &Value) -> Option<&str> {
    annotation(pod, "fail.seedling.dev/message")
}

/// How long until it fails, or, for a slow pod, until it is ready.
pub fn after(pod: &Value) -> Option<Duration> {
    annotation(pod, "fail.seedling.dev/after").and_then(parse_duration)
}

/// A duration as Go writes it: `300ms`, `5s`, `1m30s`.
fn parse_duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|letter: char| letter.is_ascii_alphabetic())?;
        let (number, tail) = rest.split_at(end);
        let end = tail
            .find(|letter: char| !letter.is_ascii_alphabetic())
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        let unit = [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0)]
            .into_iter()
            .find(|(name, _)| *name == unit)?
            .1;
        seconds += number.parse::<f64>().ok()? * unit;
        rest = tail;
    }
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references() {
        for (image, wanted) in [
            ("nginx", true),
            ("localhost:5000/team/app:1.2", true),
            ("registry.example.com/team/app@sha256:00ff", true),
            ("Registry/app:1", true),
            ("Team App:1", false),
            ("app:", false),
            ("UPPER", false),
            ("team//app", false),
        ] {
            assert_eq!(is_reference(image), wanted, "{image}");
        }
    }

    #[test]
    fn tags() {
        assert_eq!(by_tag("x:crash-2"), Some(Fate::Crashes));
        assert_eq!(by_tag("host:5000/slow"), None);
        assert_eq!(by_tag("host:5000/app:slow"), Some(Fate::Slow));
        assert_eq!(by_tag("x:1.0"), None);
    }

    #[test]
    fn durations() {
        assert_eq!(parse_duration("300ms"), Some(Duration::from_millis(300)));
        assert_eq!(parse_duration("1m30s"), Some(Duration::from_secs(90)));
        assert_eq!(parse_duration("5"), None);
    }
}
