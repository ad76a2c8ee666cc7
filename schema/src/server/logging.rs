//! Log lines in the form that the core reads: one JSON object per line on standard error.

use std::fmt;
use std::io::Write;

use serde_json::{Map, Value as Json};
use time::OffsetDateTime;
use time::macros::format_description;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry};

/// Turns logging on at the level that was asked for. Without one, nothing is ever formatted.
pub(super) fn start(level: Option<&str>, provider: &str) {
    let Some(level) = level.and_then(parse) else {
        return;
    };
    let lines = Lines {
        level,
        provider: provider.to_owned(),
    };
    // Only a second server in one process (a test) finds a subscriber in place; it keeps that one.
    Registry::default().with(lines).try_init().ok();
}

/// The core's names for levels. Whatever it does not know means everything.
fn parse(level: &str) -> Option<Level> {
    match level.to_uppercase().as_str() {
        "OFF" => None,
        "ERROR" => Some(Level::ERROR),
        "WARN" => Some(Level::WARN),
        "INFO" => Some(Level::INFO),
        "DEBUG" => Some(Level::DEBUG),
        _ => Some(Level::TRACE),
    }
}

struct Lines {
    level: Level,
    provider: String,
}

impl Lines {
    /// Libraries log whole requests at low levels, secrets included: they may only warn.
    fn wants(&self, metadata: &Metadata<'_>) -> bool {
        let krate = metadata.target().split("::").next().unwrap_or_default();
        let ours = krate == env!("CARGO_CRATE_NAME")
            || krate.starts_with(&self.provider.replace('-', "_"));
        *metadata.level()
            <= if ours {
                self.level
            } else {
                self.level.min(Level::WARN)
            }
    }
}

/// The fields of a span, kept with it.
#[derive(Default)]
struct Fields(Map<String, Json>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0
            .insert(field.name().to_owned(), Json::String(format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Lines {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.wants(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::from_level(self.level))
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        for span in context
            .event_scope(event)
            .into_iter()
            .flat_map(tracing_subscriber::registry::Scope::from_root)
        {
            if let Some(outer) = span.extensions().get::<Fields>() {
                fields.0.extend(outer.0.clone());
            }
        }
        event.record(&mut fields);
        let message = fields
            .0
            .remove("message")
            .and_then(|message| message.as_str().map(str::to_owned));
        write(
            *event.metadata().level(),
            &message.unwrap_or_default(),
            &self.provider,
            fields.0,
        );
    }
}

/// Writes one line. The core cuts lines at 64 KiB, so a field that long is not worth having.
fn write(level: Level, message: &str, provider: &str, mut fields: Map<String, Json>) {
    let timestamp =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");
    let timestamp = OffsetDateTime::now_utc()
        .format(timestamp)
        .unwrap_or_default();
    fields.insert("@level".to_owned(), level.as_str().to_lowercase().into());
    fields.insert("@message".to_owned(), message.into());
    fields.insert("@module".to_owned(), format!("provider.{provider}").into());
    fields.insert("@timestamp".to_owned(), timestamp.into());
    write_line(&Json::Object(fields).to_string());
}

/// Writes one line in one go, so that lines of different threads do not mix. Where standard error is
/// gone there is nobody to tell.
fn write_line(line: &str) {
    std::io::stderr()
        .lock()
        .write_all(format!("{line}\n").as_bytes())
        .ok();
}

/// Makes a panic visible: as a log line, and in the form in which the core shows crashes at its end.
pub(super) fn report_panics(provider: &str) {
    let provider = provider.to_owned();
    std::panic::set_hook(Box::new(move |panic| {
        let message = panic_message(panic.payload());
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        let fields = Map::from_iter([("location".to_owned(), place.clone().into())]);
        write(
            Level::ERROR,
            &format!("panic: {message}"),
            &provider,
            fields,
        );
        write_line(&format!("panic: {message}\n\n{place}"));
    }));
}

/// What a panic says.
pub(super) fn panic_message(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_the_cores() {
        assert_eq!(parse("off"), None);
        assert_eq!(parse("warn"), Some(Level::WARN));
        assert_eq!(parse("JSON"), Some(Level::TRACE));
        assert_eq!(parse("nonsense"), Some(Level::TRACE));
    }
}
