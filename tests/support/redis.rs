//! A Redis server.

use std::path::PathBuf;
use std::process::Child;
use std::sync::{LazyLock, Mutex};

use crate::process::{find_program, free_port, start};
use crate::{Missing, Server};

/// Runs a server until the end of standard input. `$1` its folder, `$2` the program, `$3` the client, `$4` the port.
const SCRIPT: &str = r#"
exec 3<&0
"$2" --port "$4" --bind 127.0.0.1 --dir "$1" --save '' --appendonly no >"$1/server.log" 2>&1 </dev/null &
server=$!
tries=0
until "$3" -p "$4" ping >&2 </dev/null; do tries=$((tries + 1)); [ $tries -lt 2000 ] || exit 1; done
echo ready
cat <&3 >/dev/null
kill -KILL $server
wait $server 2>/dev/null
rm -rf "$1"
"#;

static RUNNING: Mutex<Vec<Child>> = Mutex::new(Vec::new());

static SERVER: LazyLock<Server> = LazyLock::new(|| {
    let missing = Missing {
        service: "Redis",
        install: "apt-get install redis-server",
    };
    let folders = [PathBuf::from("/usr/bin"), PathBuf::from("/usr/local/bin")];
    let server = find_program(&["redis-server"], &folders).ok_or(missing.clone())?;
    let client = find_program(&["redis-cli"], &folders).ok_or(missing)?;
    let folder = tempfile::Builder::new()
        .prefix("redis-")
        .tempdir()
        .expect("a temporary folder")
        .keep();
    let port = free_port().to_string();
    let texts = [&folder, &server, &client].map(|path| path.to_string_lossy().into_owned());
    let child = start(SCRIPT, &[&texts[0], &texts[1], &texts[2], &port], &folder);
    RUNNING.lock().expect("no panic while it is held").push(child);
    Ok(format!("redis://127.0.0.1:{port}"))
});

/// The URL of a server of the tests, if Redis is installed.
pub async fn redis() -> Option<String> {
    match tokio::task::spawn_blocking(|| SERVER.clone()).await.expect("no panic") {
        Ok(url) => Some(url),
        Err(missing) => {
            missing.skip_or_panic();
            None
        }
    }
}
