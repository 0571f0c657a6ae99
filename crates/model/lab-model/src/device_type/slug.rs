//! Short names as the library makes them of makers, models and file names.

/// `Dell` to `dell`, `PowerEdge-R730` to `poweredge-r730`, `DS1618+` to `ds1618-plus`.
pub fn slugify(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '+' => {
                if !slug.is_empty() && !slug.ends_with('-') {
                    slug.push('-');
                }
                slug.push_str("plus");
            }
            '.' | '_' => slug.push(letter),
            letter if letter.is_alphanumeric() => slug.extend(letter.to_lowercase()),
            _ if slug.is_empty() || slug.ends_with('-') => {}
            _ => slug.push('-'),
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}

#[cfg(test)]
mod tests {
    use super::slugify;

    #[test]
    fn file_names_of_the_library_become_slugs() {
        for (text, slug) in [
            ("PowerEdge-R730", "poweredge-r730"),
            ("Palo Alto", "palo-alto"),
            ("DS1618+", "ds1618-plus"),
            ("MPH2 MPHR3141", "mph2-mphr3141"),
            ("  U6+ ", "u6-plus"),
            ("SX6036", "sx6036"),
        ] {
            assert_eq!(slugify(text), slug, "{text}");
        }
    }
}
