//! Server processes that end with the test program, however it ends.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A free port on the loopback interface.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("its address").port()
}

/// The first of these programs that is there.
pub(crate) fn find_program(names: &[&str], folders: &[PathBuf]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let all: Vec<PathBuf> = folders.iter().cloned().chain(std::env::split_paths(&path)).collect();
    names.iter().flat_map(|name| all.iter().map(move |folder| folder.join(name))).find(|file| file.is_file())
}

/// Whether this user is root, whom database servers refuse to run for.
pub(crate) fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// Runs a script that starts a server and waits until it answers, then says `ready`; afterwards the script waits for
/// the end of its standard input, which comes when the test program ends, and stops the server. The script gets
/// `arguments` as `$1` and on. A script that ends without `ready` fails the test with what it printed.
pub(crate) fn start(script: &str, arguments: &[&str], folder: &Path) -> Child {
    use std::io::{BufRead as _, BufReader, Read as _};
    let errors = std::fs::File::create(folder.join("start.log")).expect("a log file");
    #[expect(clippy::zombie_processes, reason = "the script ends with this program, or the test fails here")]
    let mut child = Command::new("sh")
        .args(["-c", script, "sh"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(errors)
        .spawn()
        .expect("a shell");
    let mut output = BufReader::new(child.stdout.take().expect("invariant: it is piped"));
    let mut line = String::new();
    while output.read_line(&mut line).expect("the script's output") > 0 {
        if line.trim_end() == "ready" {
            return child;
        }
        line.clear();
    }
    let mut log = String::new();
    let _ = std::fs::File::open(folder.join("start.log")).and_then(|mut file| file.read_to_string(&mut log));
    panic!("the server did not start:\n{log}");
}
