//! What the operating system says about the files of a folder.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// Every file below a folder.
pub(crate) fn files_in(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_in(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Copies the files of a folder.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    for file in files_in(from) {
        fs::copy(&file, to.join(file.file_name().unwrap())).unwrap();
    }
}

/// Inodes of the files in a folder that somebody holds a lock on.
pub(crate) fn locks_in(folder: &Path) -> Vec<u64> {
    let here: Vec<u64> = files_in(folder)
        .iter()
        .map(|file| fs::metadata(file).unwrap().ino())
        .collect();
    // "1: FLOCK  ADVISORY  WRITE 4711 fd:01:123456 0 EOF": the sixth word ends in the inode.
    let locks = fs::read_to_string("/proc/locks").unwrap();
    locks
        .lines()
        .filter_map(|line| line.split_whitespace().nth(5)?.rsplit(':').next())
        .filter_map(|inode| inode.parse().ok())
        .filter(|inode| here.contains(inode))
        .collect()
}

/// The files of a folder that this process has open.
pub(crate) fn open_files_in(folder: &Path) -> Vec<String> {
    let folder = folder.canonicalize().unwrap();
    let descriptors = fs::read_dir("/proc/self/fd").unwrap();
    descriptors
        .filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
        .filter(|target| target.starts_with(&folder))
        .map(|target| target.display().to_string())
        .collect()
}
