//! The lab, the state folder and the files that every `netboot` verb starts from.

use crate::analysis;
use crate::cli::LabArgs;
use crate::error::CommandError;
use crate::input;
use crate::projection::netboot::{self, Locale, Projection, Stand};
use crate::ui::Ui;
use clap::Args;
use lab_model::Lab;
use lab_netboot::Interface;
use lab_netboot::config::Role;
use lab_source::Severity;
use std::path::{Path, PathBuf};

/// Where states are when nothing else is said; one folder a lab.
const STATES: &str = "/var/lib/labwright/netboot";

/// Which lab, and which state.
#[derive(Args, Debug, Clone)]
pub(super) struct PlaceArgs {
    #[command(flatten)]
    pub(super) lab: LabArgs,
    /// Folder for leases, permits and fetched files; by default /var/lib/labwright/netboot/NAME-OF-THE-LAB
    #[arg(long, value_name = "DIR")]
    pub(super) state: Option<PathBuf>,
    /// Country that installers are told, as in ISO 3166
    #[arg(long, value_name = "CODE", default_value = "us")]
    pub(super) country: String,
    /// Keyboard layout that installers are told
    #[arg(long, value_name = "LAYOUT", default_value = "us")]
    pub(super) keyboard: String,
}

/// A lab without errors, and where its state is.
pub(super) struct Place {
    pub(super) lab: Lab,
    /// The lab's folder.
    pub(super) root: PathBuf,
    pub(super) state: PathBuf,
    locale: Locale,
}

impl Place {
    /// Reads the lab. One that has errors is not served: what was meant is not known.
    ///
    /// # Errors
    /// When it cannot be read or has errors.
    pub(super) fn of(args: &PlaceArgs, ui: &mut Ui) -> Result<Place, CommandError> {
        let input = input::load(&args.lab)?;
        let root = input.root.clone();
        let analysis = analysis::analyse(input, jiff::Zoned::now().date());
        let is_error = |finding: &&lab_source::Diagnostic| finding.severity == Severity::Error;
        let errors: Vec<_> = analysis.findings.iter().filter(is_error).cloned().collect();
        if !errors.is_empty() {
            let text =
                analysis::render(&analysis.files, &errors, analysis::FindingFormat::Text, &ui.text_style());
            ui.say(&text);
            return Err(CommandError::refused(format!("the lab has {} errors", errors.len()))
                .hint("`labwright check` shows all findings"));
        }
        let lab = analysis.lab;
        let state = args.state.clone().unwrap_or_else(|| Path::new(STATES).join(folder_name(&lab)));
        let locale = Locale { country: args.country.clone(), keyboard: args.keyboard.clone() };
        Ok(Place { lab, root, state, locale })
    }

    /// The service's configuration on these interfaces.
    pub(super) fn project(&self, interfaces: &[Interface], role: Role) -> Projection {
        let files = super::files::found(&self.state);
        let stand =
            Stand { interfaces, role, state: self.state.clone(), files: &files, locale: &self.locale };
        netboot::project(&self.lab, &stand)
    }

    /// Refuses a host that the lab does not have.
    pub(super) fn known(&self, host: &str) -> Result<(), CommandError> {
        if self.lab.hosts.find(host).is_some() {
            return Ok(());
        }
        let names: Vec<String> = self.lab.hosts.iter().map(|(_, host)| host.name.text.to_string()).collect();
        Err(CommandError::usage(format!("there is no host `{host}` in this lab"))
            .hint(format!("it has {}", names.join(", "))))
    }
}

/// The lab's name in letters that a folder's name may have.
fn folder_name(lab: &Lab) -> String {
    let name = lab.head.name.as_ref().map_or("lab", |name| &name.text);
    let plain = |c: char| if c.is_alphanumeric() { c } else { '-' };
    let name: String = name.to_lowercase().chars().map(plain).take(64).collect();
    let name = name.trim_matches('-').to_owned();
    if name.is_empty() { "lab".into() } else { name }
}
