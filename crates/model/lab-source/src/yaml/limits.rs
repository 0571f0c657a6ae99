//! How much is read at most, and the account that is kept of it. The defaults leave room for a site of 20,000 devices
//! with 200,000 interfaces in one file; what they stop is a mistake or an attack.

/// How much is read at most.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Bytes of one file. A larger one is refused without being looked at. Default 64 MiB, never above 4 GiB.
    pub file_bytes: usize,
    /// Nodes written in one file. Default 5,000,000.
    pub file_nodes: usize,
    /// Nodes of all files together, after every alias has been replaced by what it names. Default 10,000,000.
    pub total_nodes: usize,
    /// Aliases within aliases within aliases. Default 64.
    pub alias_depth: usize,
    /// Mappings merged into one mapping by `<<`. Default 64.
    pub merges: usize,
    /// Lists and mappings inside one another, after aliases have been replaced. Default 128.
    pub depth: usize,
    /// Findings about one file; the rest is counted, not told. Default 200.
    pub findings: usize,
    /// Syntax faults of one file after which reading goes on. Default 50; fewer for a file above 1 MB,
    /// since everything is read again after each, and at most 64 MiB are.
    pub faults: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 64 << 20,
            file_nodes: 5_000_000,
            total_nodes: 10_000_000,
            alias_depth: 64,
            merges: 64,
            depth: 128,
            findings: 200,
            faults: 50,
        }
    }
}

/// What is left of [`Limits::total_nodes`]. One account is kept over all files of a lab.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    nodes_left: usize,
}

impl Budget {
    /// The full amount.
    pub fn new(limits: &Limits) -> Self {
        Self { nodes_left: limits.total_nodes }
    }

    /// Takes `nodes`, or leaves the account as it is and says no.
    pub(crate) fn take(&mut self, nodes: usize) -> bool {
        match self.nodes_left.checked_sub(nodes) {
            Some(left) => {
                self.nodes_left = left;
                true
            }
            None => false,
        }
    }
}
