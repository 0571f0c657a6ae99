//! The planted mistakes read, and enough of them are found at the right place. Says nothing of single rules.

use super::mistake::parse;

#[test]
fn mistakes_are_read_and_planted() {
    let text = "= family\n# It is wrong\n@ starter a.yaml\n- b: 1\n-   c: 2\n+ b: 1\n+   c: 3\n? a.yaml: d\n@ starter b.yaml\n+ more\n& c.yaml\n- x\n+ y\n";
    let mistakes = parse("first", text);
    assert_eq!((mistakes.len(), mistakes[0].variants.len()), (1, 2));
    let variant = &mistakes[0].variants[0];
    let (changed, lines) = variant.patches[0].apply("a: 0\nb: 1\n  c: 2\nd: 4\n").expect("it stands there");
    assert_eq!((changed.as_str(), lines), ("a: 0\nb: 1\n  c: 3\nd: 4\n", vec![2]));
    assert_eq!(variant.patches[0].apply("b: 2\n"), None);
    let appended = mistakes[0].variants[1].patches[0].apply("a: 0\n").expect("nothing needs to stand there");
    assert_eq!(appended, ("a: 0\nmore".to_owned(), vec![1]));
    assert_eq!(mistakes[0].variants[1].patches.len(), 2);
}
