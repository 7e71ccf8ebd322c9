//! A folder of state machines that the API made: one JSON file each, which is there as a whole or not at all.
//!
//! A text is written to a temporary file, brought to the disk, and renamed; then the folder's entry is brought there, too.
//! The folder belongs to one process at a time.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::api::{Kept, Shelf};

/// What the names of its files end in.
const SUFFIX: &str = ".json";
/// What is added to the name of a file that is not finished.
const UNFINISHED: &str = ".tmp";
/// Locked by the process that the folder belongs to.
const LOCK: &str = ".lock";

/// The folder, which belongs to this process as long as this lives.
#[derive(Debug)]
pub struct StateFolder {
    folder: PathBuf,
    _lock: File,
}

impl StateFolder {
    /// Makes the folder if it is not there, and takes it.
    ///
    /// # Errors
    /// If it cannot be written to, or belongs to another process: the folder, and why.
    pub fn open(folder: &Path) -> Result<Self, String> {
        let lock = fs::create_dir_all(folder).and_then(|()| File::create(folder.join(LOCK)));
        let lock = lock.map_err(|why| format!("{}: {why}", folder.display()))?;
        lock.try_lock().map_err(|refused| match refused {
            TryLockError::WouldBlock => {
                format!("{}: another process keeps its state here", folder.display())
            }
            TryLockError::Error(why) => format!("{}: {why}", folder.display()),
        })?;
        Ok(Self {
            folder: folder.to_owned(),
            _lock: lock,
        })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}{SUFFIX}"))
    }

    /// Until then a change of the folder's entries may be lost with the computer's power.
    fn sync_entries(&self) -> io::Result<()> {
        // Windows has no way to do this, and no need.
        match cfg!(windows) {
            true => Ok(()),
            false => File::open(&self.folder)?.sync_all(),
        }
    }
}

impl Shelf for StateFolder {
    fn kept(&self) -> Result<Vec<Kept>, String> {
        let listed = fs::read_dir(&self.folder).and_then(Iterator::collect);
        let mut entries: Vec<fs::DirEntry> =
            listed.map_err(|why| format!("{}: {why}", self.folder.display()))?;
        entries.sort_by_key(fs::DirEntry::file_name);
        let mut kept = Vec::new();
        for entry in entries {
            let file_name = entry.file_name();
            let Some(file_name) = file_name.to_str() else {
                continue;
            };
            if file_name.ends_with(UNFINISHED) {
                // Left by a process that ended while it wrote: nobody was told that it is kept.
                fs::remove_file(entry.path()).ok();
                continue;
            }
            let Some(name) = file_name.strip_suffix(SUFFIX) else {
                continue;
            };
            let place = entry.path().display().to_string();
            match fs::read_to_string(entry.path()) {
                Ok(text) => kept.push(Kept {
                    place,
                    name: name.to_owned(),
                    text,
                }),
                Err(why) => return Err(format!("{place}: {why}")),
            }
        }
        Ok(kept)
    }

    fn keep(&self, name: &str, text: &str) -> io::Result<()> {
        let path = self.path(name);
        let unfinished = self.folder.join(format!("{name}{SUFFIX}{UNFINISHED}"));
        let mut file = File::create(&unfinished)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        drop(file);
        fs::rename(&unfinished, &path)?;
        self.sync_entries()
    }

    fn forget(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.path(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => self.sync_entries(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An empty folder of this test's own.
    fn empty(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("stepstream-{name}-{}", std::process::id()));
        fs::remove_dir_all(&folder).ok();
        folder
    }

    #[test]
    fn what_was_kept_last_is_there_and_nothing_else() {
        let path = empty("kept");
        let folder = StateFolder::open(&path).unwrap();
        for (name, text) in [("b", "1"), ("a", "{}"), ("b", "2"), ("c.json", "3")] {
            folder.keep(name, text).unwrap();
        }
        folder.forget("a").unwrap();
        folder.forget("never there").unwrap();
        fs::write(path.join("d.json.tmp"), "half").unwrap();
        fs::write(path.join("README"), "of people").unwrap();
        let kept = folder.kept().unwrap();
        let kept: Vec<(&str, &str)> = kept.iter().map(|k| (&*k.name, &*k.text)).collect();
        assert_eq!(kept, [("b", "2"), ("c.json", "3")]);
        assert!(!path.join("d.json.tmp").exists());
        fs::remove_dir_all(&path).unwrap();
    }

    #[test]
    fn a_folder_belongs_to_one_process() {
        let path = empty("taken");
        let folder = StateFolder::open(&path).unwrap();
        let refused = StateFolder::open(&path).unwrap_err();
        assert!(
            refused.ends_with("another process keeps its state here"),
            "{refused}"
        );
        drop(folder);
        drop(StateFolder::open(&path).unwrap());
        fs::remove_dir_all(&path).unwrap();
    }

    #[test]
    fn a_write_that_fails_leaves_what_was_kept() {
        let path = empty("fails");
        let folder = StateFolder::open(&path).unwrap();
        folder.keep("a", "1").unwrap();
        // A folder stands where the temporary file would be.
        fs::create_dir(path.join("a.json.tmp")).unwrap();
        assert!(folder.keep("a", "2").is_err());
        assert_eq!(fs::read_to_string(path.join("a.json")).unwrap(), "1");
        fs::remove_dir_all(&path).unwrap();
    }
}
