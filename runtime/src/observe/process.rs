//! Resources that the process uses, under the names that Prometheus' own clients give them. On systems without `/proc`
//! the figures stay at 0.

use std::fs;
use std::sync::atomic::AtomicU64;
use std::time::{SystemTime, UNIX_EPOCH};

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// Ticks per second in `/proc`: a hundred on every Linux.
const TICKS: f64 = 100.0;

/// The figures of the process.
pub(super) struct Process {
    memory: Gauge,
    files: Gauge,
    cpu: Counter<f64, AtomicU64>,
}

impl Process {
    pub(super) fn register(metrics: &mut Registry) -> Self {
        let process = Self {
            memory: Gauge::default(),
            files: Gauge::default(),
            cpu: Counter::default(),
        };

        metrics.register("process_resident_memory_bytes", "Memory in use", process.memory.clone());
        metrics.register("process_open_fds", "Open files and sockets", process.files.clone());
        metrics.register("process_cpu_seconds", "CPU time in seconds", process.cpu.clone());

        let started = Gauge::<f64, AtomicU64>::default();
        started.set(
            SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default()
                .as_secs_f64(),
        );
        metrics.register(
            "process_start_time_seconds",
            "When the program started, in seconds since 1970",
            started,
        );

        process
    }

    /// Updates the figures.
    pub(super) fn measure(&self) {
        if let Some(bytes) = memory() {
            self.memory.set(bytes);
        }

        if let Ok(files) = fs::read_dir("/proc/self/fd") {
            self.files.set(files.count() as i64);
        }

        if let Some(seconds) = cpu() {
            self.cpu.inc_by((seconds - self.cpu.get()).max(0.0));
        }
    }
}

/// Returns the resident memory in bytes, from the line `VmRSS:    12345 kB`.
fn memory() -> Option<i64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: i64 = line.split_whitespace().next()?.parse().ok()?;

    Some(kilobytes * 1024)
}

/// Returns the CPU time in seconds: the program's own, and the system's on its behalf. The process name before them may
/// hold blanks and ends with `)`.
fn cpu() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let [own, system]: [f64; 2] = [fields.next()?.parse().ok()?, fields.next()?.parse().ok()?];

    Some((own + system) / TICKS)
}
