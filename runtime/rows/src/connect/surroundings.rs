//! What the process adds to a URL: environment variables, the user, their home folder, and files.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Everything outside a URL that its meaning depends on.
#[derive(Clone)]
pub struct Environment {
    /// The environment's variables.
    pub variables: BTreeMap<String, String>,
    /// The folder with the user's own files.
    pub home: Option<PathBuf>,
    /// The name of the operating system's user.
    pub user: Option<String>,
    /// Reads a file.
    pub read: fn(&Path) -> io::Result<String>,
}

impl Environment {
    /// Returns the surroundings of this process. Variables that are not UTF-8 are left out.
    pub fn of_process() -> Self {
        let variables: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let home = std::env::home_dir().filter(|home| !home.as_os_str().is_empty());
        let read: fn(&Path) -> io::Result<String> = |path| std::fs::read_to_string(path);

        let named = ["USER", "LOGNAME", "USERNAME"]
            .iter()
            .find_map(|name| variables.get(*name))
            .cloned();
        let user = account(read).or(named).filter(|user| !user.is_empty());

        Self {
            variables,
            home,
            user,
            read,
        }
    }

    /// Returns a variable's value, which may be empty.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// Whether a file can be read, even if it is not UTF-8.
    pub(super) fn has_file(&self, path: &Path) -> bool {
        match (self.read)(path) {
            Ok(_) => true,
            Err(error) => error.kind() == ErrorKind::InvalidData,
        }
    }

    /// Returns the path of a file below the user's home, if the file exists.
    pub(super) fn file_at_home(&self, path: &str) -> Option<PathBuf> {
        let path = self.home.as_ref()?.join(path);
        self.has_file(&path).then_some(path)
    }
}

impl fmt::Debug for Environment {
    /// The variables are left out, as one of them may be a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Surroundings")
            .field("home", &self.home)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// Returns the name of this process's owner in the system's list of accounts. Variables such as `USER` do not follow a
/// change of user, so they come second.
#[cfg(unix)]
fn account(read: fn(&Path) -> io::Result<String>) -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;

    let id = std::fs::metadata("/proc/self").ok()?.uid().to_string();
    let accounts = read(Path::new("/etc/passwd")).ok()?;

    accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == id).then(|| name.to_owned())
    })
}

#[cfg(not(unix))]
fn account(_: fn(&Path) -> io::Result<String>) -> Option<String> {
    None
}
