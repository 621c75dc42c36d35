//! Server processes that end with the test program, however it ends, and take orders until then.
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Mutex;
/// A free port on the loopback interface.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .expect("a free port")
        .local_addr()
        .expect("its address")
        .port()
}

/// The first of these programs that is there.
pub(crate) fn find_program(names: &[&str], folders: &[PathBuf]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let all: Vec<PathBuf> = folders.iter().cloned().chain(std::env::split_paths(&path)).collect();
    names
        .iter()
        .flat_map(|name| all.iter().map(move |folder| folder.join(name)))
        .find(|file| file.is_file())
}

/// Whether this user is root, whom database servers refuse to run for.
pub(crate) fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// The end of the script of a server that takes orders: it has defined `begin` (starts the server and waits until it
/// answers), `halt` (ends it at once) and `signal`, and has put its own standard input aside as 3.
const ORDERS: &str = r#"
trap '' PIPE
begin "$@" || exit 1
echo ready
while read -r order <&3; do
  case $order in
    kill) halt ;;
    start) begin "$@" || exit 1 ;;
    pause) signal STOP ;;
    resume) signal CONT ;;
  esac
  echo ready
done
halt
cd /
rm -rf "$folder"
"#;

/// A server that takes orders. It ends with this value, and with the test program.
#[derive(Debug)]
pub(crate) struct Service {
    pipes: Mutex<(Child, BufReader<ChildStdout>)>,
    folder: PathBuf,
}

impl Service {
    /// Starts one and waits until it answers. The script gets the folder as `$1`, and `arguments` as `$2` and on.
    pub(crate) fn start(script: &str, folder: PathBuf, arguments: &[&str]) -> Self {
        let path = folder.to_string_lossy().into_owned();
        let all: Vec<&str> = std::iter::once(path.as_str())
            .chain(arguments.iter().copied())
            .collect();
        let pipes = launch(&format!("{script}{ORDERS}"), &all, &folder);
        Self {
            pipes: Mutex::new(pipes),
            folder,
        }
    }

    /// Its files.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Gives an order and waits until it is done.
    pub(crate) fn order(&self, order: &str) {
        let mut pipes = self.pipes.lock().expect("no panic while it is held");
        let (script, output) = &mut *pipes;
        let input = script.stdin.as_mut().expect("invariant: it is piped");
        writeln!(input, "{order}")
            .and_then(|()| input.flush())
            .expect("the script listens");
        wait_until_ready(output, &self.folder);
    }
}

/// Runs a script that starts a server and waits until it answers, then says `ready`; afterwards the script waits for
/// the end of its standard input, which comes when the test program ends, and stops the server. The script gets
/// `arguments` as `$1` and on. A script that ends without `ready` fails the test with what it printed.
pub(crate) fn start(script: &str, arguments: &[&str], folder: &Path) -> Child {
    launch(script, arguments, folder).0
}

fn launch(script: &str, arguments: &[&str], folder: &Path) -> (Child, BufReader<ChildStdout>) {
    let errors = std::fs::File::create(folder.join("start.log")).expect("a log file");
    let mut child = Command::new("sh")
        .args(["-c", script, "sh"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(errors)
        .spawn()
        .expect("a shell");
    let mut output = BufReader::new(child.stdout.take().expect("invariant: it is piped"));
    wait_until_ready(&mut output, folder);
    (child, output)
}

fn wait_until_ready(output: &mut BufReader<ChildStdout>, folder: &Path) {
    let mut line = String::new();
    while output.read_line(&mut line).expect("the script's output") > 0 {
        if line.trim_end() == "ready" {
            return;
        }
        line.clear();
    }
    let mut log = String::new();
    let _ = std::fs::File::open(folder.join("start.log")).and_then(|mut file| file.read_to_string(&mut log));
    panic!("the server did not start:\n{log}");
}
