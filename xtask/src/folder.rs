//! The folder that one run of the demo, or of a language test, writes to.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Result};

/// A folder; a temporary one is gone when this is dropped.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    temporary: bool,
}

impl Folder {
    /// A new folder among the system's temporary files.
    pub(crate) fn temporary() -> Result<Self> {
        let name = format!("whimbrel-demo-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        if path.exists() {
            // Left by an earlier process of the same number.
            fs::remove_dir_all(&path).map_err(Failure::file("remove", &path))?;
        }
        Self::make(path, true)
    }

    /// A new folder that stays.
    pub(crate) fn kept(path: &Path) -> Result<Self> {
        Self::make(path.to_path_buf(), false)
    }

    fn make(path: PathBuf, temporary: bool) -> Result<Self> {
        fs::create_dir(&path).map_err(Failure::file("make", &path))?;
        let path = path.canonicalize().map_err(Failure::file("find", &path))?;
        Ok(Self { path, temporary })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.temporary {
            // What can't be removed now is the system's to clean up.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}
