//! The variables that Kubernetes sets for each Service in a pod's namespace, and that begin as the fields' do where the
//! name of a Service does.

use std::collections::BTreeMap;
use std::ffi::OsString;

use crate::diagnostic::Diagnostic;
use crate::field::{Named, looked_up};
use crate::origin::Origin;

const REMEDY: &str = "set enableServiceLinks: false in the pod's spec, or rename the Service";

/// The variables of each Service, by its name.
pub(crate) struct ServiceLinks(BTreeMap<String, Vec<String>>);

impl ServiceLinks {
    /// Those among variables: name, field, and value.
    pub(crate) fn among(variables: &[(String, String, OsString)]) -> Self {
        let mut links: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (name, _, value) in variables {
            if let Some(service) = service(name, &value.to_string_lossy()) {
                links.entry(service).or_default().push(name.clone());
            }
        }
        Self(links)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.values().flatten().any(|link| link == name)
    }

    /// The mistakes that a Service's variable has the name of a field.
    pub(crate) fn clashes(&self, origin: &Origin) -> Vec<Diagnostic> {
        let links = self
            .0
            .iter()
            .flat_map(|(service, names)| names.iter().map(move |name| (service, name)));
        let clashing = links.filter(|(_, name)| is_field(name));
        let clash = |(service, name): (&String, &String)| {
            let rule = format!(
                "holds an address such as tcp://, as Kubernetes sets it for a Service named {service}; {REMEDY}"
            );
            Diagnostic::new(origin, name.as_str(), rule)
        };
        clashing.map(clash).collect()
    }

    /// A note on each Service, under the name of its first variable.
    pub(crate) fn notes(&self) -> Vec<(&str, String)> {
        let note = |(service, names): (&String, &'_ Vec<String>)| {
            let count = names.iter().filter(|name| !is_field(name)).count();
            let more = match count {
                0 | 1 => "comes".to_owned(),
                _ => format!("and {} more come", count - 1),
            };
            format!(
                "{more} from Kubernetes, for a Service named {service}, and no field is meant; {REMEDY}"
            )
        };
        let first = |names: &'_ Vec<String>| names.iter().position(|name| !is_field(name));
        let services = self.0.iter().filter_map(|(service, names)| {
            let name = names.get(first(names)?)?;
            Some((name.as_str(), note((service, names))))
        });
        services.collect()
    }
}

fn is_field(name: &str) -> bool {
    let field = name.strip_prefix(crate::origin::PREFIX).unwrap_or(name);
    matches!(looked_up(field), Named::Field { .. })
}

/// The name of the Service that Kubernetes sets a variable for.
fn service(name: &str, value: &str) -> Option<String> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    let is_address = ["tcp://", "udp://", "sctp://"]
        .iter()
        .any(|it| value.starts_with(it));
    let of_address = || {
        let (service, rest) = name.rsplit_once("_PORT").filter(|_| is_address)?;
        let is_one = rest.is_empty()
            || rest
                .strip_prefix('_')
                .and_then(number_and_protocol)
                .is_some();
        is_one.then_some(service)
    };
    let of_address_part = || {
        let (service, rest) = name.split_once("_PORT_")?;
        let (_, part) = number_and_protocol(rest)?;
        matches!(part, "_PROTO" | "_PORT" | "_ADDR").then_some(service)
    };
    let of_number = || {
        let (service, rest) = name.split_once("_SERVICE_PORT")?;
        (is_number(value) && (rest.is_empty() || rest.starts_with('_'))).then_some(service)
    };
    let service = name
        .strip_suffix("_SERVICE_HOST")
        .or_else(of_number)
        .or_else(of_address_part)
        .or_else(of_address)?;
    Some(service.to_ascii_lowercase().replace('_', "-"))
}

/// The number and the protocol that a text begins with, as in `443_TCP_ADDR`, and the rest.
fn number_and_protocol(text: &str) -> Option<(&str, &str)> {
    let (number, rest) = text.split_once('_')?;
    let is_number = !number.is_empty() && number.bytes().all(|it| it.is_ascii_digit());
    let rest = ["TCP", "UDP", "SCTP"]
        .iter()
        .find_map(|it| rest.strip_prefix(it))?;
    is_number.then_some((number, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_services_variables_are_told_from_fields() {
        for (name, value) in [
            ("CYBERSOURCE_PROXY_SERVICE_HOST", "10.0.0.7"),
            ("CYBERSOURCE_PROXY_SERVICE_PORT", "3128"),
            ("CYBERSOURCE_PROXY_SERVICE_PORT_HTTP", "3128"),
            ("CYBERSOURCE_PROXY_PORT", "tcp://10.0.0.7:3128"),
            ("CYBERSOURCE_PROXY_PORT_3128_TCP", "tcp://10.0.0.7:3128"),
            ("CYBERSOURCE_PROXY_PORT_3128_TCP_PROTO", "tcp"),
            ("CYBERSOURCE_PROXY_PORT_3128_TCP_PORT", "3128"),
            ("CYBERSOURCE_PROXY_PORT_3128_TCP_ADDR", "10.0.0.7"),
        ] {
            assert_eq!(
                service(name, value).as_deref(),
                Some("cybersource-proxy"),
                "{name}"
            );
        }
        for (name, value) in [
            ("CYBERSOURCE_PROXY_PORT", "3128"),
            ("CYBERSOURCE_PROXY_ADDRESS", "tcp://10.0.0.7:3128"),
            ("CYBERSOURCE_PROXY_PORT_LATER", "tcp://10.0.0.7:3128"),
            ("CYBERSOURCE_SERVICE_PORT", "${PORT}"),
        ] {
            assert_eq!(service(name, value), None, "{name}");
        }
    }
}
