//! PgBouncer in front of a PostgreSQL server, with the settings that its package comes with.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::postgres::{programs, user};
use crate::process::{Service, find_program, free_port};
use crate::{Missing, OwnPostgres};

/// Runs a pooler; it takes orders. `$1` its folder, `$2` the program, `$3` the folder of PostgreSQL's programs, `$4` the
/// port, `$5` the user to run as, or nothing; it refuses root.
const SCRIPT: &str = r#"
folder=$1 program=$2 bin=$3 port=$4 user=$5
shift 5
exec 3<&0
if [ -n "$user" ]; then chown -R "$user" "$folder" || exit 1; fi
begin() {
  "$program" ${user:+-u "$user"} "$folder/pgbouncer.ini" >>"$folder/server.log" 2>&1 </dev/null 3<&- &
  process=$!
  until "$bin/pg_isready" -q -h 127.0.0.1 -p "$port"; do
    kill -0 $process 2>/dev/null || { cat "$folder/server.log" >&2; return 1; }
    sleep 0.05
  done
}
halt() { kill -KILL $process 2>/dev/null; wait $process 2>/dev/null; }
signal() { kill -"$1" $process; }
"#;

/// A pooler of one test's own; it ends with this value.
#[derive(Debug)]
pub struct PgBouncer {
    service: Service,
    port: u16,
}

impl PgBouncer {
    /// Starts one that shares four connections of the server among all its clients, for a `session` or a `transaction` each.
    pub fn start(server: &OwnPostgres, mode: &str) -> Option<Self> {
        let missing = Missing {
            service: "PgBouncer",
            install: "apt-get install pgbouncer",
        };
        let folders = [
            PathBuf::from("/usr/sbin"),
            PathBuf::from("/usr/local/sbin"),
            PathBuf::from("/usr/local/bin"),
        ];
        let Some((program, programs)) = find_program(&["pgbouncer"], &folders).zip(programs()) else {
            missing.skip_or_panic();
            return None;
        };
        let folder = tempfile::Builder::new()
            .prefix("pgbouncer-")
            .tempdir()
            .expect("a temporary folder")
            .keep();
        let port = free_port();
        let mut settings = String::new();
        let _ = writeln!(
            settings,
            "[databases]\n* = host=127.0.0.1 port={}\n[pgbouncer]",
            server.port()
        );
        let _ = writeln!(
            settings,
            "listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir ="
        );
        let _ = writeln!(
            settings,
            "auth_type = trust\nauth_file = {}/users.txt",
            folder.display()
        );
        let _ = writeln!(
            settings,
            "pool_mode = {mode}\ndefault_pool_size = 4\nmax_client_conn = 200"
        );
        std::fs::write(folder.join("pgbouncer.ini"), settings).expect("a file");
        std::fs::write(folder.join("users.txt"), "\"postgres\" \"\"\n").expect("a file");
        let (path, bin, number) = (program.to_string_lossy(), programs.to_string_lossy(), port.to_string());
        Some(Self {
            service: Service::start(SCRIPT, folder, &[&*path, &*bin, &*number, user()]),
            port,
        })
    }

    /// The URL of a database behind it.
    pub fn url(&self, name: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{name}", self.port)
    }

    /// Ends it at once.
    pub fn kill(&self) {
        self.service.order("kill");
    }

    /// Starts it again.
    pub fn start_again(&self) {
        self.service.order("start");
    }
}
