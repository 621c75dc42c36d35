//! Killed and concurrent runs: the folder always holds the output of one run.

#![cfg(unix)]

mod support;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use support::{Random, codegen as program, content, database, errors, run};

/// How often each test kills a run, unless `CODEGEN_KILLS` says more.
const KILLS: usize = 40;

fn kills() -> usize {
    let given = std::env::var_os("CODEGEN_KILLS").and_then(|text| text.to_str()?.parse().ok());
    given.unwrap_or(KILLS)
}

const MINE: &str = "// Not generated.\n";

/// Two databases with a configuration each, in one folder, and the output of each.
struct TwoDatabases {
    folder: tempfile::TempDir,
    databases: [String; 2],
    states: [BTreeMap<String, String>; 2],
}

const CONFIGS: [&str; 2] = ["one.toml", "two.toml"];

impl TwoDatabases {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let tables = |names: std::ops::Range<usize>, column: &str| {
            let table = |n| format!("CREATE TABLE t{n} (id INTEGER PRIMARY KEY, {column} TEXT);");
            names.map(table).collect::<Vec<_>>().concat()
        };

        let databases = [
            database(folder.path(), "one.sqlite", &tables(0..9, "name")),
            database(folder.path(), "two.sqlite", &tables(3..12, "title")),
        ];

        for (config, from) in CONFIGS.iter().zip([0, 3]) {
            let apps: Vec<String> = (from..from + 9)
                .map(|n| format!("[apps.a{n}]\ntables = [\"t{n}\"]\n"))
                .collect();
            let text = format!("output = \"generated\"\nsnapshot = \"catalog.json\"\n{}", apps.concat());
            std::fs::write(folder.path().join(config), text).expect("a file");
        }

        let mut pair = Self {
            folder,
            databases,
            states: Default::default(),
        };
        for state in 0..2 {
            let output = run(pair.folder.path(), &pair.arguments(state));
            assert!(output.status.success(), "{}", errors(&output));
            std::fs::write(pair.generated().join("mine.rs"), MINE).expect("a file");
            pair.states[state] = pair.content();
        }
        assert!(pair.states[0].len() > 19 && pair.states[0] != pair.states[1]);
        pair
    }

    fn arguments(&self, state: usize) -> [&str; 4] {
        ["--db", &self.databases[state], "--config", CONFIGS[state]]
    }

    fn generated(&self) -> PathBuf {
        self.folder.path().join("generated")
    }

    /// The generated folder, and the snapshot beside it.
    fn content(&self) -> BTreeMap<String, String> {
        let mut content = content(&self.generated());
        let snapshot = std::fs::read_to_string(self.folder.path().join("catalog.json")).expect("the snapshot");
        content.insert("../catalog.json".into(), snapshot);
        content
    }

    fn start(&self, state: usize) -> Child {
        program(self.folder.path(), &self.arguments(state))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program")
    }

    /// The states that `--check` agrees with.
    fn checked(&self) -> Vec<usize> {
        let agrees = |&state: &usize| {
            let arguments = self.arguments(state);
            let output = run(self.folder.path(), &[&arguments[..], &["--check"]].concat());
            assert!(matches!(output.status.code(), Some(0 | 1)), "{}", errors(&output));
            output.status.success()
        };
        (0..2).filter(agrees).collect()
    }
}

/// Kills a process: at a random moment of its life, soon after it began to write, or soon after its journal is in
/// place.
fn kill(mut child: Child, folder: &Path, random: &mut Random, lifetime: Duration) -> bool {
    let begin = Instant::now();
    let (awaited, micros) = match random.below(5) {
        0 => (None, random.below(lifetime.as_micros() as usize)),
        1 | 2 => (Some(".codegen.new"), random.below(3000)),
        _ => (Some(".codegen.new/.journal"), random.below(600)),
    };

    if let Some(name) = awaited {
        let file = folder.join(name);
        while !file.exists() && begin.elapsed() < lifetime * 2 {
            std::hint::spin_loop();
        }
    }

    std::thread::sleep(Duration::from_micros(micros as u64));
    child.kill().expect("SIGKILL");
    !child.wait().expect("its end").success()
}

#[test]
fn a_killed_run_leaves_the_old_state_or_the_new_one() {
    let pair = TwoDatabases::new();
    let mut random = Random(31);
    let begin = Instant::now();
    assert!(run(pair.folder.path(), &pair.arguments(0)).status.success());
    let lifetime = begin.elapsed();

    let (mut present, mut counts) = (0, [0; 4]);
    for round in 0..kills() {
        let next = 1 - present;
        let killed = kill(pair.start(next), &pair.generated(), &mut random, lifetime);
        counts[0] += usize::from(killed);
        counts[1] += usize::from(pair.generated().join(".codegen.new/.journal").exists());
        let raw = pair.content();
        counts[2] += usize::from(!pair.states.contains(&raw));

        let found = pair.checked();
        assert_eq!(found.len(), 1, "round {round}: neither state, or both");
        assert_eq!(pair.content(), pair.states[found[0]], "round {round}");
        counts[3] += usize::from(found[0] == next);

        present = random.below(2);
        let output = run(pair.folder.path(), &pair.arguments(present));
        assert!(output.status.success(), "round {round}: {}", errors(&output));
        assert_eq!(pair.content(), pair.states[present], "round {round}: what is left over");
    }
    eprintln!(
        "{} runs: {} killed, {} after the decision, {} left a folder to recover, {} gave the new state",
        kills(),
        counts[0],
        counts[1],
        counts[2],
        counts[3]
    );
    assert!(
        counts[2] > kills() / 10,
        "too few kills left a folder to recover: {counts:?}"
    );
}

#[test]
fn of_runs_at_once_one_decides() {
    let pair = TwoDatabases::new();
    for round in 0..3 {
        let children: Vec<Child> = (0..12).map(|n| pair.start(n % 2)).collect();
        for child in children {
            let output = child.wait_with_output().expect("its end");
            assert!(output.status.success(), "round {round}: {}", errors(&output));
        }
        assert!(
            pair.states.contains(&pair.content()),
            "round {round}: {:?}",
            pair.content().keys()
        );
    }
}

#[test]
fn a_run_beside_another_is_refused_with_its_number() {
    let pair = TwoDatabases::new();
    let path = pair.generated().join(".codegen.lock");
    let mut lock = File::create(&path).expect("a file");
    write!(lock, "4711").expect("it is written");
    lock.lock().expect("the lock");

    let begin = Instant::now();
    let output = run(pair.folder.path(), &pair.arguments(0));
    assert_eq!(output.status.code(), Some(2));
    let said = errors(&output);
    assert!(
        said.contains("process 4711 is writing into `generated`; wait until it has ended"),
        "{said}"
    );
    assert!(begin.elapsed() > Duration::from_secs(4), "it waited");

    // The same file without its process blocks nobody.
    drop(lock);
    assert!(path.exists());
    let output = run(pair.folder.path(), &pair.arguments(0));
    assert!(output.status.success(), "{}", errors(&output));
    assert_eq!(pair.content(), pair.states[0]);
}

#[test]
fn nothing_is_written_through_links() {
    let pair = TwoDatabases::new();
    let outside = pair.folder.path().join("outside");
    std::fs::create_dir(&outside).expect("a folder");
    std::fs::write(outside.join("a.rs"), MINE).expect("a file");

    for name in [".codegen.lock", ".codegen.new"] {
        let link = pair.generated().join(name);
        std::os::unix::fs::symlink(&outside, &link).expect("a link");
        let output = run(pair.folder.path(), &pair.arguments(0));
        assert_eq!(output.status.code(), Some(2), "{name}");
        assert!(
            errors(&output).contains("was not written by this program"),
            "{name}: {}",
            errors(&output)
        );
        std::fs::remove_file(&link).expect("the link");
        assert_eq!(content(&outside).len(), 1);
    }
}

const CHILD: &str = "CODEGEN_TEST_BUILD_SCRIPT";

/// What a `build.rs` does, for the test after it: that test starts this program again with the variable set.
#[test]
fn build_script_child() {
    let Some(config) = std::env::var_os(CHILD) else { return };
    let generated = codegen::Config::new()
        .config(config)
        .snapshot("catalog.json")
        .try_generate(Path::new("out"));
    generated.expect("code");
}

#[test]
fn a_killed_build_script_leaves_a_whole_file() {
    let pair = TwoDatabases::new();
    assert!(run(pair.folder.path(), &pair.arguments(0)).status.success());
    let folder = pair.folder.path();
    // The same tables in other apps.
    std::fs::write(folder.join("two.toml"), "[apps.everything]\ntables = [\"*\"]\n").expect("a file");
    let out = folder.join("out");

    let start = |state: usize| {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command
            .args(["--exact", "build_script_child"])
            .current_dir(folder)
            .env(CHILD, CONFIGS[state]);
        command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("this program")
    };

    let begin = Instant::now();
    let states = [0, 1].map(|state| {
        assert!(start(state).wait().expect("its end").success());
        content(&out)
    });
    let lifetime = begin.elapsed() / 2;
    assert_eq!(states[0].keys().collect::<Vec<_>>(), ["graphql.rs"]);

    let mut random = Random(37);
    for round in 0..kills() / 2 {
        kill(start(round % 2), &out, &mut random, lifetime);
        let file = std::fs::read_to_string(out.join("graphql.rs")).expect("a file");
        assert!(states.iter().any(|state| state["graphql.rs"] == file), "round {round}");

        let last = random.below(2);
        assert!(start(last).wait().expect("its end").success(), "round {round}");
        assert_eq!(content(&out), states[last], "round {round}");
    }
}
