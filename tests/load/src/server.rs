//! The shop's server as a separate process.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use runtime::ServerConfig;

use crate::Failure;

/// The secret that the load test signs tokens with.
pub(crate) const SECRET: &[u8] = b"of the load test, and of no other place";

pub(crate) struct Server {
    child: Child,
    pub(crate) base: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Starts this program again, as a server.
    pub(crate) fn start(url: &str) -> Result<Self, Failure> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["--serve", url])
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut line)?;
        Ok(Self {
            child,
            base: line.trim().to_owned(),
        })
    }

    /// The resident memory in MiB.
    pub(crate) fn memory(&self) -> u64 {
        self.mebibytes("VmRSS:")
    }

    /// The peak of the resident memory since [`Server::forget_peak`], in MiB.
    pub(crate) fn peak(&self) -> u64 {
        self.mebibytes("VmHWM:")
    }

    /// Resets the peak. If the system does not allow that, the peak is that of the server's whole life.
    pub(crate) fn forget_peak(&self) {
        let _ = std::fs::write(self.file("clear_refs"), "5");
    }

    fn mebibytes(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(self.file("status")).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_whitespace()
            .nth(1)
            .and_then(|kib| kib.parse::<u64>().ok())
            .unwrap_or(0)
            / 1024
    }

    /// The processor time of the server so far. It lacks the time of threads that have ended, so use only differences
    /// over short spans.
    pub(crate) fn cpu(&self) -> Duration {
        let threads = std::fs::read_dir(self.file("task")).into_iter().flatten().flatten();
        let times = threads.filter_map(|thread| {
            let text = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
            text.split_whitespace().next()?.parse::<u64>().ok()
        });
        Duration::from_nanos(times.sum())
    }

    fn file(&self, name: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/{name}", self.child.id()))
    }
}

pub(crate) async fn serve(url: &str) -> Result<(), Failure> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        // Many requests fail without a database; the pool's warning is enough.
        .with_env_filter("off,rows::execute::pool=warn")
        .init();

    let mut config = ServerConfig::new().database_url(url).listen(([127, 0, 0, 1], 0).into());
    config.connect.pool.max_connections = 16;

    // The cache is small, so that it is not what makes the memory grow.
    let config = shop::start(config, SECRET)?.setup(|registry| {
        registry.set_cache(std::sync::Arc::new(runtime::cache::MemoryCache::new(4 * 1024 * 1024)));
        Ok(())
    });

    Ok(runtime::serve(config.on_listening(|address, _| println!("http://{address}"))).await?)
}
