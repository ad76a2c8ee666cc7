//! Parameters of requests.

use super::status::{Cause, Status};

/// How strictly bodies are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum FieldValidation {
    /// Unknown fields are dropped.
    Ignore,
    /// Unknown fields are dropped with a warning.
    #[default]
    Warn,
    /// Unknown fields are refused.
    Strict,
}

/// The parameters of one request.
#[derive(Clone, Debug, Default)]
#[allow(clippy::struct_excessive_bools)] // the API has them
pub struct Options {
    /// `fieldManager`.
    pub field_manager: Option<String>,
    /// `force` of server-side apply.
    pub force: bool,
    /// `dryRun=All`.
    pub dry_run: bool,
    /// `fieldValidation`.
    pub validation: FieldValidation,
    /// `labelSelector`.
    pub label_selector: String,
    /// `fieldSelector`.
    pub field_selector: String,
    /// `resourceVersion`.
    pub resource_version: String,
    /// `resourceVersionMatch`.
    pub version_match: String,
    /// `limit`; 0 is none.
    pub limit: usize,
    /// `continue`.
    pub go_on: String,
    /// `watch`.
    pub watch: bool,
    /// `allowWatchBookmarks`.
    pub bookmarks: bool,
    /// `sendInitialEvents`.
    pub initial_events: bool,
    /// `timeoutSeconds`.
    pub timeout_seconds: Option<u64>,
    /// `gracePeriodSeconds`.
    pub grace_period: Option<i64>,
    /// `propagationPolicy`.
    pub propagation: Option<String>,
    /// Parameters of a log request.
    pub log: LogOptions,
}

/// Parameters of `/log`.
#[derive(Clone, Debug, Default)]
pub struct LogOptions {
    /// `container`.
    pub container: String,
    /// `previous`.
    pub previous: bool,
    /// `tailLines`.
    pub tail: Option<usize>,
    /// `timestamps`.
    pub timestamps: bool,
    /// `limitBytes`.
    pub limit_bytes: Option<usize>,
    /// `follow`.
    pub follow: bool,
}

impl Options {
    /// Reads the query of a URL. A parameter that is not covered is an error, not a surprise later.
    pub fn parse(query: &str) -> Result<Options, Status> {
        let mut options = Options::default();
        for (name, value) in form(query) {
            options.set(&name, value)?;
        }
        Ok(options)
    }

    /// What is wrong with the resource version, in the real server's words.
    pub fn bad_version(&self) -> Option<String> {
        let text = &self.resource_version;
        let is_bad = !text.is_empty() && text.parse::<u64>().is_err();
        is_bad.then(|| {
            format!("resourceVersion: Invalid value: {text:?}: strconv.ParseUint: parsing {text:?}: invalid syntax")
        })
    }

    fn set(&mut self, name: &str, value: String) -> Result<(), Status> {
        // As `Convert_Slice_string_To_bool` of apimachinery reads it.
        let flag = !(value.eq_ignore_ascii_case("false") || value == "0");
        match name {
            "fieldManager" => self.field_manager = Some(value).filter(|name| !name.is_empty()),
            "force" => self.force = flag,
            "dryRun" if value == "All" => self.dry_run = true,
            "dryRun" if value.is_empty() => {}
            "dryRun" => {
                let message = format!("Invalid value: [{value:?}]: supported values: \"All\"");
                return Err(Status::bad_request(message));
            }
            "fieldValidation" => self.validation = validation(&value)?,
            "labelSelector" => self.label_selector = value,
            "fieldSelector" => self.field_selector = value,
            "resourceVersion" => self.resource_version = value,
            "resourceVersionMatch" => self.version_match = value,
            "limit" => self.limit = usize::try_from(number::<i64>(name, &value)?).unwrap_or(0),
            "continue" => self.go_on = value,
            "watch" => self.watch = flag,
            "allowWatchBookmarks" => self.bookmarks = flag,
            "sendInitialEvents" => self.initial_events = flag,
            "timeoutSeconds" => {
                self.timeout_seconds = u64::try_from(number::<i64>(name, &value)?).ok();
            }
            "gracePeriodSeconds" => self.grace_period = Some(number(name, &value)?),
            "propagationPolicy" => self.propagation = Some(value),
            "container" => self.log.container = value,
            "previous" => self.log.previous = flag,
            "tailLines" => self.log.tail = Some(number(name, &value)?),
            "timestamps" => self.log.timestamps = flag,
            "limitBytes" => self.log.limit_bytes = Some(number(name, &value)?),
            "follow" => self.log.follow = flag,
            // For how long a client waits, and how pretty the answer is, changes nothing.
            "timeout" | "pretty" | "includeObject" | "insecureSkipTLSVerifyBackend" => {}
            other => return Err(Status::not_covered(&format!("the parameter {other:?}"))),
        }
        Ok(())
    }
}

impl Options {
    /// Refuses parameters of lists and watches that contradict each other, as `ValidateListOptions` does.
    pub fn check_list(&self, watch: bool) -> Result<(), Status> {
        let field = "resourceVersionMatch";
        let why = if self.initial_events && !watch {
            "sendInitialEvents is forbidden for list"
        } else if self.initial_events && self.version_match != "NotOlderThan" {
            "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
        } else if watch && !self.version_match.is_empty() && !self.initial_events {
            "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
        } else if !watch && !self.version_match.is_empty() && self.resource_version.is_empty() {
            "resourceVersionMatch is forbidden unless resourceVersion is provided"
        } else {
            return Ok(());
        };
        let cause = Cause::forbidden(field, why);
        Err(Status::invalid("meta.k8s.io", "ListOptions", "", &[cause]))
    }
}

fn validation(value: &str) -> Result<FieldValidation, Status> {
    match value {
        "" | "Warn" => Ok(FieldValidation::Warn),
        "Strict" => Ok(FieldValidation::Strict),
        "Ignore" => Ok(FieldValidation::Ignore),
        other => Err(Status::bad_request(format!(
            "Invalid value: {other:?}: supported values: \"Ignore\", \"Strict\", \"Warn\""
        ))),
    }
}

fn number<T: std::str::FromStr>(name: &str, value: &str) -> Result<T, Status> {
    let wrong = |_| Status::bad_request(format!("invalid value {value:?} of the parameter {name}"));
    value.parse().map_err(wrong)
}

/// Pairs of an `application/x-www-form-urlencoded` text.
fn form(query: &str) -> impl Iterator<Item = (String, String)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name, true), decoded(value, true))
        })
}

/// Undoes percent-encoding; `+` is a space in queries only.
pub fn decoded(text: &str, query: bool) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        let hex = after
            .get(..2)
            .and_then(|pair| std::str::from_utf8(pair).ok());
        match (
            first,
            hex.and_then(|pair| u8::from_str_radix(pair, 16).ok()),
        ) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            (b'+', _) if query => bytes.push(b' '),
            (byte, _) => bytes.push(*byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
