//! Files that the program brings with it, put where they are read. Other programs may be reading them, so
//! that each is there whole or not at all, and is left alone where it is right.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use tempfile::NamedTempFile;

/// Puts a text into a file, with the folders above it.
pub(super) fn unpack(file: &Path, text: &str) -> io::Result<()> {
    if fs::read(file).is_ok_and(|kept| kept == text.as_bytes()) {
        return Ok(());
    }
    let folder = file.parent().unwrap_or_else(|| Path::new("."));
    fs::create_dir_all(folder)?;
    let mut written = NamedTempFile::new_in(folder)?;
    written.write_all(text.as_bytes())?;
    written.persist(file)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn whoever_reads_a_file_that_is_unpacked_again_finds_all_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("deep").join("pages.jsonl");
        let texts = ["a".repeat(1 << 20), "b".repeat(1 << 20)];
        unpack(&file, &texts[0]).unwrap();
        thread::scope(|scope| {
            for text in &texts {
                scope.spawn(|| (0..50).for_each(|_| unpack(&file, text).unwrap()));
            }
            for _ in 0..200 {
                assert!(texts.contains(&fs::read_to_string(&file).unwrap()));
            }
        });
        let left = fs::read_dir(file.parent().unwrap()).unwrap().count();
        assert_eq!(left, 1, "what was written beside it is gone");
    }
}
