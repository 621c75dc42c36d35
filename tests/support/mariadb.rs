//! A `MariaDB` (or `MySQL`) server.

use std::path::PathBuf;
use std::process::Child;
use std::sync::{LazyLock, Mutex, OnceLock};

use crate::process::{find_program, free_port, is_root, start};
use crate::{Missing, Server};

/// Makes a data folder and runs a server on it until the end of standard input.
/// `$1` the folder, `$2` the server, `$3` the installer, `$4` the admin tool, `$5` the port, `$6` `--user=...` or nothing.
const SCRIPT: &str = r#"
exec 3<&0
"$3" --no-defaults --datadir="$1/data" --auth-root-authentication-method=normal --skip-test-db $6 >&2 </dev/null || exit 1
"$2" --no-defaults --datadir="$1/data" --socket="$1/socket" --port="$5" --bind-address=127.0.0.1 \
  --innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=0 --skip-log-bin --max-connections=200 --character-set-server=utf8mb4 --collation-server=utf8mb4_bin \
  --pid-file="$1/pid" $6 >"$1/server.log" 2>&1 </dev/null &
server=$!
"$4" --no-defaults --socket="$1/socket" -u root --wait=60 --connect-timeout=60 ping >&2 </dev/null || { cat "$1/server.log" >&2; exit 1; }
echo ready
cat <&3 >/dev/null
kill -KILL $server
wait $server 2>/dev/null
rm -rf "$1"
"#;

static RUNNING: Mutex<Vec<Child>> = Mutex::new(Vec::new());

/// The server's socket file, once it runs. Over TCP the driver leaves Nagle's algorithm on, and waits 40 ms for each
/// statement that it drops from its cache: tests that ask thousands of different ones use the socket.
pub(crate) static SOCKET: OnceLock<PathBuf> = OnceLock::new();

/// The server's URL without a database, `mysql://root@127.0.0.1:PORT`; it is started at the first call.
pub(crate) static SERVER: LazyLock<Server> = LazyLock::new(|| {
    let missing = Missing { service: "MariaDB", install: "apt-get install mariadb-server" };
    let folders = [PathBuf::from("/usr/sbin"), PathBuf::from("/usr/local/sbin")];
    let server = find_program(&["mariadbd", "mysqld"], &folders).ok_or(missing.clone())?;
    let install = find_program(&["mariadb-install-db", "mysql_install_db"], &folders).ok_or(missing.clone())?;
    let admin = find_program(&["mariadb-admin", "mysqladmin"], &folders).ok_or(missing)?;
    let folder = tempfile::Builder::new().prefix("mariadb-").tempdir().expect("a temporary folder").keep();
    let port = free_port().to_string();
    let user = if is_root() { "--user=root" } else { "" };
    let texts = [&folder, &server, &install, &admin].map(|path| path.to_string_lossy().into_owned());
    SOCKET.get_or_init(|| folder.join("socket"));
    let child = start(SCRIPT, &[&texts[0], &texts[1], &texts[2], &texts[3], &port, user], &folder);
    RUNNING.lock().expect("no panic while it is held").push(child);
    Ok(format!("mysql://root@127.0.0.1:{port}"))
});
