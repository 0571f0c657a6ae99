//! What a test does where something that it needs is missing: it says so and ends, unless whoever runs the tests says that nothing may be
//! left out, as `cargo xtask test` does once it has installed everything. What is needed each test knows itself.

/// Set to `never` by who has everything installed.
const SKIP: &str = "LABWRIGHT_SKIP";

/// Says that the calling test leaves out what it is for, since `needs` is missing. The test ends after it.
///
/// # Panics
/// When nothing may be left out.
#[expect(clippy::print_stderr, reason = "a test that did not test anything must say so")]
pub fn leave_out(needs: &str) {
    let told = format!("needs {needs}");
    assert!(std::env::var_os(SKIP).is_none_or(|skip| skip != "never"), "nothing may be left out: {told}");
    eprintln!("skipped: {told}");
}
