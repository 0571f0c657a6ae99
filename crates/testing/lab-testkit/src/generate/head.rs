//! What holds for the whole lab, and the types of devices it has of its own.

use super::site::Site;

/// `lab.yaml`.
pub(super) fn lab(sites: &[Site]) -> String {
    let mut text = String::from(
        "# Made by lab-testkit.\n\
         lab:\n  name: generated\n  owner: nobody\n  domain: lab.example.net\n  timezone: Europe/Berlin\n  \
         energy-price: 0.31 EUR/kWh\n  voltage: 230 V\n\n\
         providers:\n  telco: Brings the Internet\n  vault: Keeps copies elsewhere\n\n\
         externals:\n  vault: { provider: vault, kind: storage, purpose: The third copy }\n\n\
         sites:\n",
    );
    for site in sites {
        text += &format!("  {}: Hall {}\n", site.name, site.number);
    }
    text
}

/// `types.yaml`: products that nobody sells.
pub(super) fn types() -> &'static str {
    include_str!("types.yaml")
}
