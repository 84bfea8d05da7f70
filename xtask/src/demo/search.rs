//! Looks for texts in the bytes of files, as somebody would who has got hold of them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use memchr::memmem::Finder;

use crate::failure::{Failure, Result};

/// Words shorter than this would be found by accident or in names of things.
const WORD_BYTES_MIN: usize = 9;

/// What to look for: whole texts, and each of their longer words for the case that only a piece
/// was left somewhere.
#[derive(Debug)]
pub(crate) struct Needles {
    finders: Vec<Finder<'static>>,
}

impl Needles {
    /// Everything that gives these texts away.
    pub(crate) fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut needles = BTreeSet::new();
        for text in texts {
            needles.insert(text);
            needles.extend(
                text.split_whitespace()
                    .filter(|word| word.len() >= WORD_BYTES_MIN),
            );
        }
        let finders = needles.into_iter();
        Self {
            finders: finders
                .map(|needle| Finder::new(needle).into_owned())
                .collect(),
        }
    }

    /// How many of them stand in these bytes.
    fn found_in(&self, bytes: &[u8]) -> usize {
        let finders = self.finders.iter();
        finders
            .filter(|finder| finder.find(bytes).is_some())
            .count()
    }

    /// Looks through a file, or all files below a folder.
    pub(crate) fn search(&self, path: &Path) -> Result<Findings> {
        let mut findings = Findings::default();
        for file in files_below(path)? {
            let bytes = fs::read(&file).map_err(Failure::file("read", &file))?;
            findings.files += 1;
            findings.bytes += bytes.len();
            findings.found += self.found_in(&bytes);
        }
        Ok(findings)
    }
}

/// What a search has looked at and found.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Findings {
    /// Files read.
    pub(crate) files: usize,
    /// Their bytes.
    pub(crate) bytes: usize,
    /// Needles found, counted once per file.
    pub(crate) found: usize,
}

fn files_below(path: &Path) -> Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_path_buf()]);
    }
    let mut files = Vec::new();
    let entries = fs::read_dir(path).map_err(Failure::file("read", path))?;
    for entry in entries {
        let entry = entry.map_err(Failure::file("read", path))?;
        files.extend(files_below(&entry.path())?);
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_texts_and_longer_words_are_found() {
        let needles = Needles::of(["a lemonade stand", "short one"]);
        assert_eq!(needles.found_in(b"\0\xffa lemonade stand\0"), 1);
        assert_eq!(needles.found_in(b"..lemonade.."), 0);
        let needles = Needles::of(["elderflower lemonade"]);
        assert_eq!(needles.found_in("…elderflower…".as_bytes()), 1);
        assert_eq!(needles.found_in(b"elder flower"), 0);
    }
}
