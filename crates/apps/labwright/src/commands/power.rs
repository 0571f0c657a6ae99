//! `labwright power`: the power switch of a machine of the box.

use super::box_name::BoxArgs;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::ui::Ui;
use clap::{Args, ValueEnum};
use lab_box::{BoxDirs, QemuPower};
use lab_driver::{BootDevice, Power, PowerError};

/// Switch a machine of the box on or off, or start it anew
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  labwright power node-1 off               as if its plug were pulled
  labwright power node-1 on
  labwright power node-1 reset labs/starter --boot network")]
pub(crate) struct PowerArgs {
    /// The host, by the name it has in the lab
    host: String,
    /// What to do
    #[arg(value_enum)]
    action: Action,
    #[command(flatten)]
    which: BoxArgs,
    /// What its firmware tries first, from now on
    #[arg(long, value_name = "DEVICE", value_enum)]
    boot: Option<Boot>,
}

/// What to do with the switch.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Action {
    /// Give it power; it starts with its firmware
    On,
    /// Take its power away, without asking its system
    Off,
    /// Off and on again
    Reset,
}

/// What the firmware tries first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Boot {
    /// The disk of its system
    Disk,
    /// The network
    Network,
}

/// Sets the boot device, then moves the switch.
pub(crate) fn run_power(args: &PowerArgs, ui: &mut Ui) -> Result<Exit, CommandError> {
    let dirs = BoxDirs::of_user();
    let id = args.which.find(&dirs)?;
    let mut switch = QemuPower::of(&dirs, &id, &args.host)
        .map_err(|error| CommandError::usage("there is no such power switch").caused_by(error))?;
    let failed = |error: PowerError| CommandError::failed("the switch was not moved").caused_by(error);
    if let Some(boot) = args.boot {
        let device = match boot {
            Boot::Disk => BootDevice::Disk,
            Boot::Network => BootDevice::Network,
        };
        switch.boot_first(device).map_err(failed)?;
    }
    let word = match args.action {
        Action::On => switch.on().map(|()| "on"),
        Action::Off => switch.off().map(|()| "off"),
        Action::Reset => switch.reset().map(|()| "on, started anew"),
    };
    ui.say(&format!("{} is {}", args.host, word.map_err(failed)?));
    Ok(Exit::Done)
}
