//! What a box left behind, for tests that hold it to leaving nothing.

/// Network namespaces and run folders whose names contain a box's.
pub fn left_of_box(name: &str) -> Vec<String> {
    let folders =
        ["/run/netns", "/run/labwright"].map(|folder| std::fs::read_dir(folder).into_iter().flatten());
    let names =
        folders.into_iter().flatten().flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|entry| entry.contains(name)).collect()
}
