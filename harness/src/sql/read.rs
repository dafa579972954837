//! A file of SQL, from disk.

use std::path::Path;
use std::sync::Arc;

use crate::Error;

/// The text of the file at `path`. A byte order mark is kept: positions count from the file's first byte.
///
/// # Errors
/// [`Error::Usage`] if the file cannot be read, is not UTF-8, or holds a zero byte, which no statement can; with the
/// offset of the first wrong byte.
pub(crate) fn read_file(path: &Path) -> Result<Arc<str>, Error> {
    let shown = path.display();
    let bytes = std::fs::read(path).map_err(|error| {
        Error::usage(format!("{shown} cannot be read: {error}"), "check the path and its permissions")
    })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count();
        Error::usage(format!("{shown} is not UTF-8: byte offset {offset}, line {line}"), "save the file as UTF-8")
    })?;
    match text.find('\0') {
        Some(offset) => {
            let message = format!("{shown} holds a zero byte at byte offset {offset}, which no SQL can");
            Err(Error::usage(message, "save the file as UTF-8 text"))
        }
        None => Ok(text.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::read_file;

    fn written(bytes: &[u8]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        file
    }

    #[test]
    fn text_is_read_as_it_is() {
        let file = written("\u{feff}select 'ü';\r\n".as_bytes());
        assert_eq!(&*read_file(file.path()).unwrap(), "\u{feff}select 'ü';\r\n");
    }

    #[test]
    fn what_is_no_text_is_refused_with_its_offset() {
        let latin = written(b"select 1;\nselect '\xfc';");
        let message = read_file(latin.path()).unwrap_err().to_string();
        assert!(message.contains("byte offset 18, line 2"), "{message}");
        assert!(message.starts_with(&latin.path().display().to_string()), "{message}");
        let zero = written(b"select\0 1");
        assert!(read_file(zero.path()).unwrap_err().to_string().contains("byte offset 6"));
        assert!(read_file(std::path::Path::new("/nowhere/x.sql")).is_err());
    }
}
