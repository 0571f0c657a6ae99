//! A lab live on one Linux machine: empty QEMU machines in a network namespace of their own, installed over the
//! network by Labwright's own netboot service, verified from outside, and taken away again without a trace.
//!
//! The way through: a [`BoxPlan`] says what shall stand; [`up`] makes it stand and returns a table of what was asked
//! and what was observed; [`status`], [`logs`], [`console`] and [`login`] look at it; [`down`] removes it. All of them
//! take plain values and print nothing. The crate knows no lab description and never touches the host's own network,
//! firewall or files outside the folders it is given.

mod down;
pub mod faults;
mod handed_down;
mod host;
mod image;
mod interrupt;
mod light;
mod listen;
mod login;
mod missing;
mod net;
pub mod observe;
mod pi;
mod plan;
mod power;
mod process;
mod progress;
mod projection;
mod qmp;
mod serve;
mod software;
mod state;
mod status;
mod storage;
mod tool;
mod up;
mod verify;
mod vm;
pub mod wired;

pub use down::{DownError, Removed, down};
pub use host::Host;
pub use image::{Image, ImageError, ImageStore};
pub use interrupt::{Interrupt, end_descendants};
pub use light::{Device, LightPlan, Link, up_light};
pub use login::{LoginError, console, login};
pub use missing::{InstallError, Missing, install_packages, missing, missing_light, missing_wired};
pub use net::NetError;
pub use plan::{
    Allotment, Board, BoxPlan, Disk, Firmware, Footprint, Interface, Machine, Misfit, Network, PlanFault,
    ServicePort, Shared, Transport, User, footprint,
};
pub use power::{QemuPower, SwitchError};
pub use progress::{Progress, Stage};
pub use projection::{Projection, box_name, project, project_light, project_wired};
pub use qmp::{Qmp, QmpError};
pub use software::{Instance, Software};
pub use state::{BoxDirs, StateError};
pub use status::{AggregateNow, MachineStatus, Status, logs, status};
pub use storage::{Pool, PoolNow, disk_program, missing as missing_storage, pool_name, pools_now};
pub use tool::ToolError;
pub use up::{Options, Report, UpError, reckon, refuse_if_up, up};
pub use verify::Row;
pub use vm::{Accelerator, VmError};
pub use wired::up_wired;
