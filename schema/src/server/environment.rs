//! What the core says through environment variables. Nothing else in this crate reads them.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// Key and value with which a core starts its plugins (opentofu/opentofu,
/// internal/plugin/serve.go); they guard against starting one by hand, nothing more.
const COOKIE: (&str, &str) = (
    "TF_PLUGIN_MAGIC_COOKIE",
    "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
);

/// The environment variables that the plugin server looks at.
///
/// `PLUGIN_PROTOCOL_VERSIONS` is not among them: this server speaks version 6 only, and a core that
/// does not will say so when it reads the answer.
#[derive(Clone, Debug, Default)]
pub struct ServeEnvironment {
    variables: BTreeMap<String, String>,
}

impl ServeEnvironment {
    /// The variables of this process. Values that are not Unicode count as absent.
    pub fn from_process() -> Self {
        let variables = std::env::vars_os();
        variables
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// Whether a core started this process.
    pub(super) fn has_cookie(&self) -> bool {
        self.get(COOKIE.0) == Some(COOKIE.1)
    }

    /// The certificate of the core, in PEM; without it the connection is not encrypted.
    pub(super) fn client_certificate(&self) -> Option<&str> {
        self.get("PLUGIN_CLIENT_CERT")
    }

    /// Whether the client understands a seventh field in the handshake line.
    pub(super) fn knows_multiplexing(&self) -> bool {
        self.get("PLUGIN_MULTIPLEX_GRPC").is_some()
    }

    /// Folders for the socket, the preferred one first.
    pub(super) fn socket_folders(&self) -> Vec<PathBuf> {
        let wanted = self.get("PLUGIN_UNIX_SOCKET_DIR").map(PathBuf::from);
        let temporary = self
            .get("TMPDIR")
            .map_or_else(std::env::temp_dir, PathBuf::from);
        wanted
            .into_iter()
            .chain([temporary, PathBuf::from("/tmp")])
            .collect()
    }

    /// The ports to choose from when a Unix socket cannot be had; 0 is any free one.
    pub(super) fn ports(&self) -> std::ops::RangeInclusive<u16> {
        let port = |name| {
            self.get(name)
                .and_then(|port| port.parse().ok())
                .unwrap_or(0)
        };
        let (least, most) = (port("PLUGIN_MIN_PORT"), port("PLUGIN_MAX_PORT"));
        if least == 0 || most < least {
            0..=0
        } else {
            least..=most
        }
    }

    /// The log level that was asked for, for this provider, for all providers or for everything.
    pub(super) fn log_level(&self, provider: &str) -> Option<&str> {
        let own = format!(
            "TF_LOG_PROVIDER_{}",
            provider.to_uppercase().replace('-', "_")
        );
        self.get(&own)
            .or_else(|| self.get("TF_LOG_PROVIDER"))
            .or_else(|| self.get("TF_LOG"))
    }

    /// The value of a variable; an empty one counts as absent.
    fn get(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }
}

impl FromIterator<(String, String)> for ServeEnvironment {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(variables: I) -> Self {
        Self {
            variables: variables.into_iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> ServeEnvironment {
        variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn the_most_specific_log_level_wins() {
        let all = [
            ("TF_LOG", "warn"),
            ("TF_LOG_PROVIDER", "info"),
            ("TF_LOG_PROVIDER_MY_DEMO", "trace"),
        ];
        assert_eq!(environment(&all).log_level("my-demo"), Some("trace"));
        assert_eq!(environment(&all[..2]).log_level("my-demo"), Some("info"));
        assert_eq!(environment(&all[..1]).log_level("my-demo"), Some("warn"));
        assert_eq!(environment(&[("TF_LOG", "")]).log_level("my-demo"), None);
    }

    #[test]
    fn a_senseless_range_of_ports_means_any() {
        let ports = |least, most| {
            environment(&[("PLUGIN_MIN_PORT", least), ("PLUGIN_MAX_PORT", most)]).ports()
        };
        assert_eq!(ports("10000", "25000"), 10_000..=25_000);
        assert_eq!(ports("5", "4"), 0..=0);
        assert_eq!(ports("", "x"), 0..=0);
    }
}
