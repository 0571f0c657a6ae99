//! Patterns of paths in a repository, as `secrets.rules` has them: `kubernetes/**`, `secrets/*.sops.yaml`.
//!
//! `**` stands for any folders, `*` for any part of one name, `?` for one character. Nothing else is special.

/// Whether `pattern` covers `path`, both relative to the root of the repository and with `/`. A pattern that ends in `/`
/// covers all that is below.
pub fn path_matches(pattern: &str, path: &str) -> bool {
    let below = if pattern.ends_with('/') { "**" } else { "" };
    let whole = format!("{pattern}{below}");
    let folders: Vec<&str> = whole.trim_start_matches("./").split('/').collect();
    let names: Vec<&str> = path.trim_start_matches("./").split('/').collect();
    matches(&folders, &names, |folder| *folder == "**", |folder, name| name_matches(folder, name))
}

fn name_matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    matches(&pattern, &name, |c| *c == '*', |c, of| *c == '?' || c == of)
}

/// Whether `items` are what `pattern` says, where a star stands for any number of them. When one fails, only the last
/// star is tried further: an earlier one could not do better. So the cost is at most the product of both lengths.
fn matches<T, U>(
    pattern: &[T],
    items: &[U],
    is_star: impl Fn(&T) -> bool,
    equal: impl Fn(&T, &U) -> bool,
) -> bool {
    let (mut at, mut item) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while item < items.len() {
        if pattern.get(at).is_some_and(&is_star) {
            retry = Some((at, item));
            at += 1;
        } else if pattern.get(at).is_some_and(|part| equal(part, &items[item])) {
            at += 1;
            item += 1;
        } else if let Some((star, taken)) = retry {
            retry = Some((star, taken + 1));
            at = star + 1;
            item = taken + 1;
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(is_star)
}

#[cfg(test)]
mod tests {
    use super::path_matches;

    #[test]
    fn patterns_cover_paths() {
        for (pattern, path, covers) in [
            ("secrets/**", "secrets/a.yaml", true),
            ("secrets/**", "secrets/deep/er/a.yaml", true),
            ("secrets/**", "secrets.yaml", false),
            ("secrets/", "secrets/deep/a.yaml", true),
            ("**/*.sops.yaml", "a.sops.yaml", true),
            ("**/*.sops.yaml", "x/y/a.sops.yaml", true),
            ("*.sops.yaml", "x/a.sops.yaml", false),
            ("clusters/*/secret-?.yaml", "clusters/main/secret-1.yaml", true),
            ("clusters/*/secret-?.yaml", "clusters/main/deep/secret-1.yaml", false),
            ("./lab.yaml", "lab.yaml", true),
            ("", "lab.yaml", false),
            ("a*b*c", "axxbyyb-c", true),
        ] {
            assert_eq!(path_matches(pattern, path), covers, "{pattern} {path}");
        }
    }
}
