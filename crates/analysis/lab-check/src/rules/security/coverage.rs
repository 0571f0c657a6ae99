//! Which names a certificate covers, as browsers judge it: RFC 9525, section 6.3. A wildcard stands for one label.

use lab_model::grammar::DnsName;

/// True when the name `of` a certificate covers `host`.
pub(crate) fn covers(of: &DnsName, host: &str) -> bool {
    match of.as_str().strip_prefix("*.") {
        Some(parent) => host.split_once('.').is_some_and(|(_, rest)| rest == parent),
        None => of.as_str() == host,
    }
}

/// True when `host` is `zone` or below it.
pub(crate) fn is_below(host: &str, zone: &str) -> bool {
    host.strip_suffix(zone).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::covers;
    use lab_model::grammar::{DnsName, Grammar};

    #[test]
    fn a_wildcard_stands_for_one_label() {
        for (name, host, covered) in [
            ("*.home.example.net", "a.home.example.net", true),
            ("*.home.example.net", "a.b.home.example.net", false),
            ("*.home.example.net", "home.example.net", false),
            ("home.example.net", "home.example.net", true),
        ] {
            let name = DnsName::parse(name).expect("a name");
            assert_eq!(covers(&name, host), covered, "{name} {host}");
        }
    }
}
