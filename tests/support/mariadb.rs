//! MariaDB (or MySQL) servers.

use std::path::PathBuf;
use std::process::Child;
use std::sync::{LazyLock, Mutex, OnceLock};

use crate::process::{Service, find_program, free_port, is_root, start};
use crate::{Authority, Identity, Missing, Server};

/// Makes the data folder that each server gets a copy of, which takes seconds.
/// `$1` where, `$2` the installer, `$3` `--user=...` or nothing.
const INSTALL: &str = r#"
"$2" --no-defaults --datadir="$1/data" --tmpdir="$1" --auth-root-authentication-method=normal --skip-test-db $3 >&2 </dev/null || exit 1
echo ready
cat >/dev/null
rm -rf "$1"
"#;

/// Runs a server on a copy of a data folder; it takes orders.
/// `$1` its folder, `$2` the data, `$3` the server, `$4` the admin tool, `$5` the port, `$6` `--user=...` or nothing, then
/// options of the server. (`--wait` of the admin tool sleeps for five seconds if the first try comes too early.)
const SCRIPT: &str = r#"
folder=$1 data=$2 server=$3 admin=$4 port=$5 user=$6
shift 6
exec 3<&0
cp -r --sparse=always "$data" "$folder/data" || cp -r "$data" "$folder/data" || exit 1
begin() {
  "$server" --no-defaults --datadir="$folder/data" --tmpdir="$folder" --socket="$folder/socket" --port="$port" --bind-address=127.0.0.1 \
    --innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=0 --skip-log-bin --max-connections=200 \
    --character-set-server=utf8mb4 --collation-server=utf8mb4_bin --pid-file="$folder/pid" $user "$@" \
    >>"$folder/server.log" 2>&1 </dev/null 3<&- &
  process=$!
  until "$admin" --no-defaults --socket="$folder/socket" -u root ping >/dev/null 2>&1 </dev/null; do
    kill -0 $process 2>/dev/null || { cat "$folder/server.log" >&2; return 1; }
    sleep 0.05
  done
}
halt() { kill -KILL $process 2>/dev/null; wait $process 2>/dev/null; rm -f "$folder/socket"; }
signal() { kill -"$1" $process; }
"#;

/// The server's socket file, once it runs. Over TCP the driver leaves Nagle's algorithm on, and waits 40 ms for each
/// statement that it drops from its cache: tests that ask thousands of different ones use the socket.
pub(crate) static SOCKET: OnceLock<PathBuf> = OnceLock::new();

/// The server of all tests that need no other.
static SHARED: OnceLock<OwnMariadb> = OnceLock::new();

/// The server's URL without a database, `mysql://root@127.0.0.1:PORT`; it is started at the first call.
pub(crate) static SERVER: LazyLock<Server> = LazyLock::new(|| {
    let server = OwnMariadb::begin(&[])?;
    let server = SHARED.get_or_init(|| server);
    SOCKET.get_or_init(|| server.socket());
    Ok(server.server())
});

static INSTALLED: Mutex<Vec<Child>> = Mutex::new(Vec::new());

/// A data folder as the installer makes it; every server runs on a copy.
static DATA: LazyLock<Result<PathBuf, Missing>> = LazyLock::new(|| {
    let install = program(&["mariadb-install-db", "mysql_install_db"])?;
    let folder = tempfile::Builder::new()
        .prefix("mariadb-")
        .tempdir()
        .expect("a temporary folder")
        .keep();
    let child = start(
        INSTALL,
        &[&folder.to_string_lossy(), &install.to_string_lossy(), user()],
        &folder,
    );
    INSTALLED.lock().expect("no panic while it is held").push(child);
    Ok(folder.join("data"))
});

fn program(names: &[&str]) -> Result<PathBuf, Missing> {
    let folders = [PathBuf::from("/usr/sbin"), PathBuf::from("/usr/local/sbin")];
    find_program(names, &folders).ok_or(Missing {
        service: "MariaDB",
        install: "apt-get install mariadb-server",
    })
}

fn user() -> &'static str {
    if is_root() { "--user=root" } else { "" }
}

/// A server of one test's own; it ends with this value.
#[derive(Debug)]
pub struct OwnMariadb {
    service: Service,
    port: u16,
}

impl OwnMariadb {
    /// Starts one with options such as `--sql-mode=ORACLE`, if MariaDB is installed. The first call takes some seconds.
    pub fn start(options: &[&str]) -> Option<Self> {
        Self::begin(options).inspect_err(Missing::skip_or_panic).ok()
    }

    /// A server with TLS that takes the word of `clients` for who a client is (`CREATE USER .. REQUIRE X509`). `options`
    /// may have `--require-secure-transport=ON`, which leaves the socket open.
    pub fn start_with_tls(identity: &Identity, clients: &Authority, options: &[&str]) -> Option<Self> {
        let folder = crate::temporary_folder();
        let (certificate, key) = identity.write(&folder, "server");
        let ca = folder.join("clients.crt");
        std::fs::write(&ca, clients.pem()).expect("a file");
        let files = [("--ssl-cert=", certificate), ("--ssl-key=", key), ("--ssl-ca=", ca)];
        let files = files.map(|(option, file)| format!("{option}{}", file.display()));
        let all: Vec<&str> = files
            .iter()
            .map(String::as_str)
            .chain(options.iter().copied())
            .collect();
        Self::start(&all)
    }

    fn begin(options: &[&str]) -> Result<Self, Missing> {
        let (server, admin) = (
            program(&["mariadbd", "mysqld"])?,
            program(&["mariadb-admin", "mysqladmin"])?,
        );
        let data = DATA.clone()?;
        let folder = tempfile::Builder::new()
            .prefix("mariadb-")
            .tempdir()
            .expect("a temporary folder")
            .keep();
        let port = free_port();
        let texts = [&data, &server, &admin].map(|path| path.to_string_lossy().into_owned());
        let number = port.to_string();
        let mut arguments = vec![&*texts[0], &*texts[1], &*texts[2], &*number, user()];
        arguments.extend(options);
        Ok(Self {
            service: Service::start(SCRIPT, folder, &arguments),
            port,
        })
    }

    /// `mysql://root@127.0.0.1:PORT`
    pub fn server(&self) -> String {
        format!("mysql://root@127.0.0.1:{}", self.port)
    }

    /// The port, for URLs of other users.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its socket file.
    pub fn socket(&self) -> PathBuf {
        self.service.folder().join("socket")
    }

    /// The URL of a database.
    pub fn url(&self, name: &str) -> String {
        format!("{}/{name}", self.server())
    }

    /// The URL of a new and empty database.
    pub async fn create(&self, name: &str) -> String {
        crate::execute(&self.server(), &format!("CREATE DATABASE {name}")).await;
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
}
