//! A `PostgreSQL` server.

use std::path::PathBuf;
use std::process::Child;
use std::sync::{LazyLock, Mutex};

use crate::process::{find_program, free_port, is_root, start};
use crate::{Missing, Server};

/// Makes a cluster and runs it until the end of standard input.
/// `$1` its folder, `$2` the folder of the server's programs, `$3` the port, `$4` the user to run as, or nothing.
const SCRIPT: &str = r#"
run() { if [ -n "$USER_NAME" ]; then setpriv --reuid "$USER_NAME" --regid "$USER_NAME" --clear-groups "$@"; else "$@"; fi; }
USER_NAME=$4
exec 3<&0
if [ -n "$USER_NAME" ]; then chown "$USER_NAME" "$1" || exit 1; fi
cd "$1" || exit 1
run "$2/initdb" -D "$1/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >&2 || exit 1
run "$2/pg_ctl" -D "$1/data" -w -l "$1/server.log" \
  -o "-p $3 -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c deadlock_timeout=100ms -c max_connections=200" start >&2 </dev/null \
  || { cat "$1/server.log" >&2; exit 1; }
echo ready
cat <&3 >/dev/null
run "$2/pg_ctl" -D "$1/data" -m immediate stop >&2
rm -rf "$1"
"#;

static RUNNING: Mutex<Vec<Child>> = Mutex::new(Vec::new());

/// The server's URL without a database, `postgres://postgres@127.0.0.1:PORT`; it is started at the first call.
pub(crate) static SERVER: LazyLock<Server> = LazyLock::new(|| {
    let programs = programs().ok_or(Missing { service: "PostgreSQL", install: "apt-get install postgresql" })?;
    let folder = tempfile::Builder::new().prefix("postgres-").tempdir().expect("a temporary folder").keep();
    let port = free_port().to_string();
    let user = if is_root() { "postgres" } else { "" };
    let (path, bin) = (folder.to_string_lossy(), programs.to_string_lossy());
    let child = start(SCRIPT, &[&path, &bin, &port, user], &folder);
    RUNNING.lock().expect("no panic while it is held").push(child);
    Ok(format!("postgres://postgres@127.0.0.1:{port}"))
});

/// The newest version's programs, where distributions put them.
fn programs() -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.flatten().map(|version| version.path().join("bin")).collect())
        .unwrap_or_default();
    folders.sort();
    folders.reverse();
    let initdb = find_program(&["initdb"], &folders)?;
    let initdb = initdb.canonicalize().unwrap_or(initdb);
    initdb.parent().map(PathBuf::from)
}

/// A server of one program's own, which can be killed and started again; it ends with this value.
#[derive(Debug)]
pub struct OwnPostgres {
    folder: PathBuf,
    programs: PathBuf,
    port: u16,
    _script: Child,
}

impl OwnPostgres {
    /// Starts one, if `PostgreSQL` is installed.
    pub fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            Missing { service: "PostgreSQL", install: "apt-get install postgresql" }.skip_or_panic();
            return None;
        };
        let folder = tempfile::Builder::new().prefix("postgres-").tempdir().expect("a temporary folder").keep();
        let port = free_port();
        let (path, bin) = (folder.to_string_lossy(), programs.to_string_lossy());
        let script = start(SCRIPT, &[&path, &bin, &port.to_string(), user()], &folder);
        Some(Self { folder, programs, port, _script: script })
    }

    /// The URL of a new and empty database.
    pub async fn create(&self, name: &str) -> String {
        let server = format!("postgres://postgres@127.0.0.1:{}", self.port);
        crate::execute(&format!("{server}/postgres"), &format!("CREATE DATABASE {name}")).await;
        format!("{server}/{name}")
    }

    /// Ends the server at once, whatever it is doing.
    pub fn kill(&self) {
        self.control(&["-m", "immediate", "stop"]);
    }

    /// Starts it on the same data, and waits until it answers.
    pub fn start_again(&self) {
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c max_connections=200",
            self.port
        );
        let log = self.folder.join("server.log");
        self.control(&["-w", "-l", &log.to_string_lossy(), "-o", &options, "start"]);
    }

    fn control(&self, arguments: &[&str]) {
        let program = self.programs.join("pg_ctl");
        let mut command = if user().is_empty() {
            std::process::Command::new(program)
        } else {
            let mut command = std::process::Command::new("setpriv");
            command.args(["--reuid", user(), "--regid", user(), "--clear-groups"]).arg(program);
            command
        };
        let data = self.folder.join("data");
        command.arg("-D").arg(data).args(arguments).current_dir(&self.folder);
        let quiet = std::process::Stdio::null;
        let status = command.stdin(quiet()).stdout(quiet()).stderr(quiet()).status();
        assert!(status.is_ok_and(|status| status.success()), "pg_ctl {arguments:?}");
    }
}

/// Whom the server runs as; nobody else where this user will do.
fn user() -> &'static str {
    if is_root() { "postgres" } else { "" }
}
