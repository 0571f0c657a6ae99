//! The verbs: one file each, with `<Verb>Args` (its comments are the help) and `run_<verb>`.
//!
//! A verb turns arguments into calls of the libraries and their answers into text. It holds no knowledge of labs.

mod box_faults;
mod box_name;
mod check;
mod check_watch;
mod completions;
mod console;
mod down;
mod explain;
mod init;
mod logs;
mod netboot;
mod power;
mod predict;
mod reference;
mod rehearse;
mod render;
mod schema;
mod show;
mod ssh;
mod stand_in;
mod status;
mod up;

use crate::error::CommandError;
use crate::exit::Exit;
use crate::ui::Ui;
use clap::Subcommand;

/// Every verb. The order is that of `--help`: a lab's life. Verbs that bring a lab up stand after `Show`.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    Init(init::InitArgs),
    Check(check::CheckArgs),
    Show(show::ShowArgs),
    Predict(predict::PredictArgs),
    Rehearse(rehearse::RehearseArgs),
    Render(render::RenderArgs),
    Up(up::UpArgs),
    Status(status::StatusArgs),
    Logs(logs::LogsArgs),
    Console(console::ConsoleArgs),
    Ssh(ssh::SshArgs),
    Power(power::PowerArgs),
    #[command(name = "box")]
    BoxFaults(box_faults::BoxFaultsArgs),
    Down(down::DownArgs),
    Netboot(netboot::NetbootArgs),
    Explain(explain::ExplainArgs),
    Schema(schema::SchemaArgs),
    Completions(completions::CompletionsArgs),
    #[command(hide = true)]
    Reference(reference::ReferenceArgs),
    #[command(hide = true)]
    StandIn(stand_in::StandInArgs),
}

/// Runs a verb.
pub(crate) fn run(command: &Command, ui: &mut Ui) -> Result<Exit, CommandError> {
    match command {
        Command::Init(args) => init::run_init(args, ui),
        Command::Check(args) => check::run_check(args, ui),
        Command::Show(args) => show::run_show(args, ui),
        Command::Predict(args) => predict::run_predict(args, ui),
        Command::Rehearse(args) => rehearse::run_rehearse(args, ui),
        Command::Render(args) => render::run_render(args, ui),
        Command::Up(args) => up::run_up(args, ui),
        Command::Status(args) => status::run_status(args, ui),
        Command::Logs(args) => logs::run_logs(args, ui),
        Command::Console(args) => console::run_console(args, ui),
        Command::Ssh(args) => ssh::run_ssh(args, ui),
        Command::Power(args) => power::run_power(args, ui),
        Command::BoxFaults(args) => box_faults::run_box_faults(args, ui),
        Command::Down(args) => down::run_down(args, ui),
        Command::Netboot(args) => netboot::run_netboot(args, ui),
        Command::Explain(args) => explain::run_explain(args, ui),
        Command::Schema(args) => schema::run_schema(args, ui),
        Command::Completions(args) => completions::run_completions(args, ui),
        Command::Reference(args) => reference::run_reference(args, ui),
        Command::StandIn(args) => stand_in::run_stand_in(args),
    }
}
