//! The real binary on small labs in temporary folders: a module for each verb, and one for what all verbs share.

#![expect(clippy::unwrap_used, reason = "a test ends by panicking")]

mod boxes;
mod broken;
mod check;
mod docs;
mod generated;
mod global;
mod init;
mod lab;
mod netboot;
mod rehearse;
mod render;
mod show;
