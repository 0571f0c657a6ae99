//! The only way to the terminal: data to stdout, talk to stderr, colour decided once.
//!
//! Everything that colour says is also said in words. A reader that has gone away (`labwright check | head`) is not a
//! failure: the rest is dropped quietly and the exit code is the one it would have been.

use crate::error::CommandError;
use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use lab_source::diagnostic::TextStyle;
use std::io::{self, IsTerminal, Write};

/// When to colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, clap::ValueEnum)]
pub(crate) enum Color {
    /// When writing to a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Also into files and pipes
    Always,
    /// Never
    Never,
}

const ERROR: Style = AnsiColor::BrightRed.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default().bold();

/// Width of tables when stdout is no terminal, in columns.
const WIDTH_WITHOUT_TERMINAL: usize = 120;

/// Where a command writes.
pub(crate) struct Ui {
    out: AutoStream<io::Stdout>,
    err: AutoStream<io::Stderr>,
    quiet: bool,
    closed: bool,
    /// Columns of a line on stderr that the next one is written over.
    over: usize,
}

impl Ui {
    /// Decides on colour for both streams.
    pub(crate) fn new(color: Color, quiet: bool) -> Self {
        let choice = |auto: ColorChoice| match color {
            Color::Auto => auto,
            Color::Always => ColorChoice::AlwaysAnsi,
            Color::Never => ColorChoice::Never,
        };
        let (out, err) = (io::stdout(), io::stderr());
        let (out_choice, err_choice) = (choice(AutoStream::choice(&out)), choice(AutoStream::choice(&err)));
        Self {
            out: AutoStream::new(out, out_choice),
            err: AutoStream::new(err, err_choice),
            quiet,
            closed: false,
            over: 0,
        }
    }

    /// How findings are drawn on stdout.
    pub(crate) fn text_style(&self) -> TextStyle {
        TextStyle {
            colour: self.out.current_choice() != ColorChoice::Never,
            unicode: false,
            width: self.width(),
        }
    }

    /// True if only what was asked for is wanted (`--quiet`).
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// True once whoever read stdout has gone away.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }

    /// True if stdout is a terminal on which lines can be written over.
    pub(crate) fn is_live(&self) -> bool {
        io::stdout().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
    }

    /// Columns that a line on stdout may take.
    pub(crate) fn width(&self) -> usize {
        let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let terminal =
            || terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0));
        columns.or_else(terminal).filter(|&width| width > 0).unwrap_or(WIDTH_WITHOUT_TERMINAL)
    }

    /// Lines that the terminal on stdout has; of what is no terminal, a usual number.
    pub(crate) fn height(&self) -> usize {
        terminal_size::terminal_size_of(io::stdout()).map_or(24, |(_, height)| usize::from(height.0))
    }

    /// Writes data to stdout, as it is.
    ///
    /// # Errors
    /// When stdout cannot be written, for instance because the disk is full. A closed pipe is not an error.
    pub(crate) fn data(&mut self, text: &str) -> Result<(), CommandError> {
        if self.closed {
            return Ok(());
        }
        match self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush()) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            Err(error) => Err(CommandError::failed("cannot write to standard output").caused_by(error)),
        }
    }

    /// Says something on stderr, unless `--quiet`.
    pub(crate) fn say(&mut self, text: &str) {
        if !self.quiet {
            self.tell(text);
        }
    }

    /// Says on stderr how far something is, on a line that the next one is written over. Only on a terminal.
    pub(crate) fn say_over(&mut self, text: &str) {
        if self.quiet || !io::stderr().is_terminal() {
            return;
        }
        let columns =
            terminal_size::terminal_size_of(io::stderr()).map_or(80, |(width, _)| usize::from(width.0));
        let shown: String = text.chars().take(columns.saturating_sub(1)).collect();
        let n = shown.chars().count();
        let _ = write!(self.err, "\r{shown:<width$}", width = self.over.max(n));
        let _ = self.err.flush();
        self.over = n;
    }

    /// Warns on stderr, unless `--quiet`.
    pub(crate) fn warn(&mut self, text: &str) {
        if !self.quiet {
            self.tell(&format!("{WARNING}warning{WARNING:#}: {text}"));
        }
    }

    /// Tells a failure with its causes and hints on stderr, always.
    pub(crate) fn error(&mut self, error: &CommandError) {
        self.tell(&format!("{ERROR}error{ERROR:#}: {error}"));
        for cause in error.causes() {
            self.tell(&format!("  because: {cause}"));
        }
        for hint in error.hints() {
            self.tell(&format!("   {HINT}hint{HINT:#}: {hint}"));
        }
    }

    /// There is nobody left to tell that stderr cannot be written.
    fn tell(&mut self, text: &str) {
        if std::mem::take(&mut self.over) > 0 {
            let columns =
                terminal_size::terminal_size_of(io::stderr()).map_or(80, |(width, _)| usize::from(width.0));
            let _ = write!(self.err, "\r{:columns$}\r", "", columns = columns.saturating_sub(1));
        }
        let _ = writeln!(self.err, "{text}");
    }
}
