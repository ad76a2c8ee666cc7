//! The ports of a service, from `port` or `ports`.

use super::{Args, parts::Port};
use crate::Arg;

/// One port with every default filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServicePort {
    /// The name in `ports`; the one of `port` has none.
    pub name: Option<String>,
    /// Port of the Service.
    pub port: i64,
    /// Port the program listens on.
    pub target: i64,
    /// `TCP` or `UDP`.
    pub protocol: String,
    /// What is spoken on it, where that is said.
    pub app_protocol: Option<String>,
}

/// All known ports: that of `port`, or those of `ports` in the order of their names.
pub fn service_ports(args: &Args) -> Vec<ServicePort> {
    let single = args.port.given().map(|port| ServicePort {
        name: None,
        port: *port,
        target: *port,
        protocol: "TCP".into(),
        app_protocol: None,
    });
    let named = args
        .ports
        .given()
        .into_iter()
        .flatten()
        .filter_map(|(name, port)| resolve(name, port.given()?));
    single.into_iter().chain(named).collect()
}

/// The port that is asked whether the program is ready: `http` where there is one, else the first TCP port.
pub(super) fn main_port(args: &Args) -> Option<ServicePort> {
    let ports = service_ports(args);
    let http = ports
        .iter()
        .find(|port| port.name.as_deref() == Some("http"));
    http.or_else(|| ports.iter().find(|port| port.protocol == "TCP"))
        .cloned()
}

/// Whether the service has a port at all, its number known or not.
pub(super) fn has_port(args: &Args) -> bool {
    let several = match &args.ports {
        Arg::Absent => false,
        Arg::Unknown => true,
        Arg::Given(ports) => !ports.is_empty(),
    };
    args.port.is_set() || several
}

fn resolve(name: &str, port: &Port) -> Option<ServicePort> {
    let number = *port.port.given()?;
    Some(ServicePort {
        name: Some(name.to_owned()),
        port: number,
        target: port.target.or(number),
        protocol: port.protocol.text_or("TCP").to_owned(),
        app_protocol: port.app_protocol.given().cloned(),
    })
}
