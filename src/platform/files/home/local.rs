//! The home in the data directory: a part is synced and renamed to its place.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::{Doing, Home, place_of};
use crate::base::error::{Error, Result};
use crate::platform::files::part::sync_folder;
use crate::platform::files::reader::Source;
use crate::platform::files::store::translate;

/// Files below a folder, on the same file system as the parts.
pub(in crate::platform::files) struct Local {
    root: PathBuf,
}

impl Local {
    pub(in crate::platform::files) fn new(root: &Path) -> Self {
        Self { root: root.to_path_buf() }
    }

    /// Where a key lives; none for what is no key.
    fn path(&self, key: &str) -> Option<PathBuf> {
        place_of(key).map(|[first, second, name]| self.root.join(first).join(second).join(name))
    }
}

impl Home for Local {
    fn put<'a>(&'a self, part: &'a Path, key: &'a str) -> Doing<'a, ()> {
        let (part, target) = (part.to_path_buf(), self.path(key));
        Box::pin(async move {
            let target = target.ok_or_else(|| Error::internal("a key of ours is a key"))?;
            blocking(move || {
                // Windows syncs only what may be written.
                OpenOptions::new().read(true).write(true).open(&part)?.sync_all()?;
                if let Some(folder) = target.parent() {
                    fs::create_dir_all(folder)?;
                    fs::rename(&part, &target)?;
                    sync_folder(folder)?;
                    if let Some(above) = folder.parent() {
                        sync_folder(above)?;
                    }
                }
                Ok(())
            })
            .await?
            .map_err(translate)
        })
    }

    fn open<'a>(&'a self, key: &'a str) -> Doing<'a, Option<(Source, u64)>> {
        Box::pin(async move {
            let Some(path) = self.path(key) else { return Ok(None) };
            let opened = blocking(move || {
                let file = File::open(path)?;
                let size = file.metadata()?.len();
                Ok((file, size))
            });
            match opened.await? {
                Ok((file, size)) => Ok(Some((Source::Disk(Arc::new(file)), size))),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(Error::internal(error)),
            }
        })
    }

    fn delete<'a>(&'a self, key: &'a str) -> Doing<'a, ()> {
        Box::pin(async move {
            let Some(path) = self.path(key) else { return Ok(()) };
            match blocking(move || fs::remove_file(path)).await? {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::internal(error)),
                _ => Ok(()),
            }
        })
    }

    fn list(&self, age: Duration) -> Doing<'_, Vec<(String, u64)>> {
        let root = self.root.clone();
        Box::pin(async move {
            let listed = blocking(move || {
                let mut files = Vec::new();
                for first in fs::read_dir(&root)?.filter_map(io::Result::ok) {
                    if first.file_name().len() != 2 {
                        continue;
                    }
                    for second in fs::read_dir(first.path())?.filter_map(io::Result::ok) {
                        for file in fs::read_dir(second.path())?.filter_map(io::Result::ok) {
                            // What was deleted since the folder was read is no mistake.
                            let Ok(about) = file.metadata() else { continue };
                            if about.modified()?.elapsed().is_ok_and(|elapsed| elapsed >= age) {
                                files.push((file.file_name().to_string_lossy().into_owned(), about.len()));
                            }
                        }
                    }
                }
                Ok(files)
            });
            listed.await?.map_err(Error::internal)
        })
    }

    fn file(&self, key: &str) -> Option<PathBuf> {
        self.path(key)
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<io::Result<T>> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_made_of_nothing_but_a_key() {
        let home = Local::new(Path::new("root"));
        assert!(home.path("../../../../etc/passwd").is_none());
        assert!(home.path(&"a".repeat(32)).is_some());
    }
}
