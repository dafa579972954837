//! Parts of documents that are generated from the code, under test.

use std::path::Path;

/// Holds the part of `path` that stands between `<!-- NAME: generated -->` and `<!-- end of generated -->` against `text`.
/// With `RLSGATE_UPDATE_SAMPLES=1` it is written instead.
pub(crate) fn compare(path: &Path, name: &str, text: &str) {
    let (begin, end) = (format!("<!-- {name}: generated -->\n"), "<!-- end of generated -->");
    let document = std::fs::read_to_string(path).unwrap();
    let (head, rest) =
        document.split_once(&begin).unwrap_or_else(|| panic!("{} has no {}", path.display(), begin.trim_end()));
    let (now, tail) = rest.split_once(end).unwrap_or_else(|| panic!("{} has no {end}", path.display()));
    let wanted = format!("\n{text}\n");
    if std::env::var_os("RLSGATE_UPDATE_SAMPLES").is_some_and(|value| value == "1") {
        std::fs::write(path, format!("{head}{begin}{wanted}{end}{tail}")).unwrap();
        return;
    }
    assert_eq!(now, wanted, "{}: RLSGATE_UPDATE_SAMPLES=1 cargo test -p rlsgate --lib writes it", path.display());
}
