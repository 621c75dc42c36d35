//! The invariants of the code map, checked by reading the source.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The longest file, in lines.
const LONGEST_FILE: usize = 500;

/// The most files that import each other in a circle.
const LARGEST_CIRCLE: usize = 3;

/// Words of earlier versions, with the words that replaced them.
const FORMER_WORDS: &[(&str, &str)] = &[
    ("OperationSetting", "Action"),
    ("RuleComparison", "RowFilterComparison"),
    ("ExtensionRegistration", "ComputedFieldRegistration"),
    ("linked_extensions", "linked_computed_fields"),
    ("resolve_extension", "compute_value"),
    ("fn kept", "reference_columns"),
    ("fn mended", "input_error"),
    ("fn blamed", "with_foreign_key_field"),
    ("fn begun", "begin_detached"),
    ("among_plugins", "execute_with_plugins"),
    ("fn let_go", "disconnect"),
    ("part_fields", "make_field_names_unique"),
    ("second_door", "through_async_graphql"),
    ("noting_write", "record_write"),
];

/// What `plan` must not reach, even through another package.
const IMPURE: &[&str] = &[
    "tokio",
    "sqlx",
    "sqlx-core",
    "axum",
    "hyper",
    "async-graphql",
    "reqwest",
    "rustls",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the tests are in a folder of the workspace")
        .to_owned()
}

/// The files below a folder with an extension, by their path below it; neither generated ones nor those of a build.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if path.is_dir()
                && !matches!(name.as_str(), "target" | "generated" | "node_modules")
                && !name.starts_with('.')
            {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }

    found.sort();
    found
}

#[test]
fn files_say_what_they_hold_and_are_short() {
    let root = root();
    let mut broken = Vec::new();
    for path in files(&root, "rs") {
        let text = std::fs::read_to_string(&path).expect("a file");
        let name = path.strip_prefix(&root).expect("below the root").display().to_string();
        let lines = text.lines().count();
        if lines > LONGEST_FILE {
            broken.push(format!("{name} has {lines} lines, at most {LONGEST_FILE} are allowed"));
        }
        // The inputs of the macros' tests are what they are.
        if !text.starts_with("//!") && !name.starts_with("tests/ui") {
            broken.push(format!("{name} does not begin with `//!`"));
        }
    }
    assert_eq!(broken, Vec::<String>::new());
}

#[test]
fn former_words_do_not_come_back() {
    let root = root();
    let mut broken = Vec::new();
    for path in files(&root, "rs") {
        if path.ends_with("tidy.rs") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a file");
        for (former, word) in FORMER_WORDS {
            let mut places = text.match_indices(former);
            let is_whole = |at: usize| {
                let after = text[at + former.len()..].chars().next();
                !after.is_some_and(|next| next.is_alphanumeric() || next == '_')
            };
            if places.any(|(at, _)| is_whole(at)) {
                broken.push(format!("{}: `{former}` is called `{word}`", path.display()));
            }
        }
    }
    assert_eq!(broken, Vec::<String>::new());
}

#[test]
fn the_planner_is_pure() {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).expect("the lock file");
    let lock: toml::Table = toml::from_str(&lock).expect("TOML");

    let mut dependencies: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in lock["package"].as_array().expect("packages") {
        let name = package["name"].as_str().expect("a name");
        let listed = package.get("dependencies").and_then(toml::Value::as_array);
        let listed = listed.into_iter().flatten().filter_map(toml::Value::as_str);
        // A dependency is a name, and a version if there are several.
        let names = listed.map(|found| found.split(' ').next().unwrap_or_default());
        dependencies.entry(name).or_default().extend(names);
    }

    let mut reached = BTreeSet::from(["plan"]);
    let mut open = vec!["plan"];
    while let Some(next) = open.pop() {
        for &found in dependencies.get(next).into_iter().flatten() {
            if reached.insert(found) {
                open.push(found);
            }
        }
    }

    assert!(reached.contains("meta"), "the lock file was read");
    let impure: Vec<&&str> = IMPURE.iter().filter(|name| reached.contains(**name)).collect();
    assert_eq!(impure, Vec::<&&str>::new());
}

/// A module by its path: `["graphql", "types", "entity"]`.
type Module = Vec<String>;

/// The modules of a package with what each imports, `use` by `use`; a name that a folder re-exports counts for the module
/// that defines it.
fn imports(source: &Path) -> BTreeMap<Module, BTreeSet<Module>> {
    let mut texts: BTreeMap<Module, String> = BTreeMap::new();
    for path in files(source, "rs") {
        let below = path.strip_prefix(source).expect("below the source").with_extension("");
        let mut module: Module = below.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        if module
            .last()
            .is_some_and(|last| matches!(last.as_str(), "mod" | "lib" | "main"))
        {
            module.pop();
        }
        if module.last().is_some_and(|last| last == "tests") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a file");
        let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        let code: String = code
            .lines()
            .map(|line| line.split("//").next().unwrap_or_default().to_owned() + "\n")
            .collect();
        texts.insert(module, code);
    }

    let paths: BTreeMap<&Module, Vec<(Module, bool)>> = texts
        .iter()
        .map(|(module, text)| (module, used_paths(module, text)))
        .collect();

    // What a folder re-exports stands for the module below it.
    let mut exports: BTreeMap<(Module, String), Module> = BTreeMap::new();
    for (&module, used) in &paths {
        for (path, is_public) in used.iter().filter(|(_, is_public)| *is_public) {
            let (target, rest) = resolve(&texts, path);
            if let (true, [name, ..]) = (is_public, rest) {
                exports.insert((module.clone(), name.clone()), target);
            }
        }
    }

    let mut graph = BTreeMap::new();
    for (&module, used) in &paths {
        let targets: &mut BTreeSet<Module> = graph.entry(module.clone()).or_default();
        for (path, is_public) in used {
            let (mut target, rest) = resolve(&texts, path);
            while let Some(next) = rest
                .first()
                .and_then(|name| exports.get(&(target.clone(), name.clone())))
            {
                if *next == target {
                    break;
                }
                target.clone_from(next);
            }
            let is_child = target.starts_with(module);
            if target != *module && !(*is_public && is_child) {
                targets.insert(target);
            }
        }
    }
    graph
}

/// The longest prefix of a path that is a module, and the rest.
fn resolve<'p>(texts: &BTreeMap<Module, String>, path: &'p Module) -> (Module, &'p [String]) {
    let known = (0..=path.len()).rev().find(|&end| texts.contains_key(&path[..end]));
    let end = known.unwrap_or(0);
    (path[..end].to_vec(), &path[end..])
}

/// The paths that a module uses, from the package's root, and whether they are re-exported.
fn used_paths(module: &Module, text: &str) -> Vec<(Module, bool)> {
    let mut found = Vec::new();
    let statements = text.split(';').filter_map(|statement| {
        let at = statement.rfind("use ")?;
        let before = statement[..at].trim_end();
        let line = before.rsplit('\n').next().unwrap_or_default().trim();
        let is_use = line.is_empty() || line.starts_with("pub") || line.ends_with(']') || line.ends_with('{');
        is_use.then(|| (&statement[at + 4..], line.starts_with("pub")))
    });
    for (tree, is_public) in statements {
        for path in flatten(tree) {
            found.extend(absolute(module, &path).map(|path| (path, is_public)));
        }
    }

    let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
    // `super::` before a list was read above.
    let inline = words.filter(|word| !word.ends_with(':'));
    for word in inline.filter(|word| word.starts_with("crate::") || word.starts_with("super::")) {
        found.extend(absolute(module, word).map(|path| (path, false)));
    }
    found
}

/// The paths of a use tree: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn flatten(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some((before, rest)) = tree.split_once('{') else {
        return vec![tree.split(" as ").next().unwrap_or_default().trim().to_owned()];
    };
    let inner = rest.rsplit_once('}').map_or(rest, |(inner, _)| inner);

    let (mut depth, mut start, mut paths) = (0, 0, Vec::new());
    for (at, character) in inner.char_indices().chain([(inner.len(), ',')]) {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                let part = inner[start..at].trim();
                paths.extend(
                    flatten(part)
                        .into_iter()
                        .filter(|path| !path.is_empty())
                        .map(|path| format!("{before}{path}")),
                );
                start = at + 1;
            }
            _ => {}
        }
    }
    paths
}

/// A path of a module from the package's root; `None` for other packages.
fn absolute(module: &Module, path: &str) -> Option<Module> {
    let mut segments: Vec<String> = path.split("::").map(str::trim).map(str::to_owned).collect();
    let mut base = match segments.first()?.as_str() {
        "crate" => Vec::new(),
        "self" | "super" => module.clone(),
        // A module below this one.
        _ => return Some([module.clone(), segments].concat()),
    };
    if matches!(segments[0].as_str(), "crate" | "self") {
        segments.remove(0);
    }
    while segments.first().is_some_and(|first| first == "super") {
        base.pop();
        segments.remove(0);
    }
    Some([base, segments].concat())
}

/// The circles of a graph: its strongly connected components of more than one node.
fn circles(graph: &BTreeMap<Module, BTreeSet<Module>>) -> Vec<Vec<Module>> {
    let reach = |from: &Module| {
        let mut reached = BTreeSet::new();
        let mut open = vec![from.clone()];
        while let Some(next) = open.pop() {
            for target in graph.get(&next).into_iter().flatten() {
                if reached.insert(target.clone()) {
                    open.push(target.clone());
                }
            }
        }
        reached
    };
    let reached: BTreeMap<&Module, BTreeSet<Module>> = graph.keys().map(|module| (module, reach(module))).collect();

    let mut found: Vec<Vec<Module>> = Vec::new();
    for (module, targets) in &reached {
        let circle: Vec<Module> = targets
            .iter()
            .filter(|target| reached.get(target).is_some_and(|back| back.contains(*module)))
            .cloned()
            .collect();
        if circle.len() > 1 && !found.contains(&circle) {
            found.push(circle);
        }
    }
    found
}

#[test]
fn imports_go_one_way() {
    for package in [
        "codegen/src",
        "macros/src",
        "runtime/meta/src",
        "runtime/plan/src",
        "runtime/rows/src",
        "runtime/src",
    ] {
        let graph = imports(&root().join(package));
        assert!(
            graph.values().any(|targets| !targets.is_empty()),
            "{package}: imports were read"
        );

        let large: Vec<_> = circles(&graph)
            .into_iter()
            .filter(|circle| circle.len() > LARGEST_CIRCLE)
            .collect();
        assert_eq!(
            large,
            Vec::<Vec<Module>>::new(),
            "{package}: files that import each other"
        );

        // At each depth: the folders and files in one folder, by what is below them.
        let depth = graph.keys().map(Vec::len).max().unwrap_or_default();
        for depth in 1..=depth {
            let mut folders: BTreeMap<Module, BTreeSet<Module>> = BTreeMap::new();
            for (module, targets) in &graph {
                for target in targets {
                    let is_beside = module.len() >= depth
                        && target.len() >= depth
                        && module[..depth - 1] == target[..depth - 1]
                        && module[..depth] != target[..depth]
                        // Files of one folder may be in a small circle.
                        && (module.len() > depth || target.len() > depth);
                    if is_beside {
                        folders
                            .entry(module[..depth].to_vec())
                            .or_default()
                            .insert(target[..depth].to_vec());
                    }
                }
            }
            assert_eq!(
                circles(&folders),
                Vec::<Vec<Module>>::new(),
                "{package}: folders that import each other"
            );
        }
    }
}

#[test]
fn documents_name_what_exists() {
    let root = root();
    let mut documents = files(&root.join("runtime/guide"), "md");
    documents.extend(["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(|name| root.join(name)));

    let mut broken = Vec::new();
    for document in documents {
        let text = std::fs::read_to_string(&document).expect("a document");
        let folder = document.parent().expect("a folder");

        // Links: `](target)`.
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let chapter = link.strip_prefix("super::");
            let exists = match chapter {
                Some(chapter) => root
                    .join(format!("runtime/guide/{}.md", chapter.replace('_', "-")))
                    .is_file(),
                None => link.starts_with("http") || folder.join(link.split('#').next().unwrap_or_default()).exists(),
            };
            if !exists {
                broken.push(format!("{}: the link `{link}`", document.display()));
            }
        }

        // Paths in code font, such as `tests/shop/src/lib.rs`.
        for word in text.split('`').skip(1).step_by(2) {
            let is_path = word.contains('/')
                && !word.contains([' ', ':', '<', '*', '$', '(', '?', '{', '"'])
                && !word.starts_with(['/', '.', '~', '@'])
                && ["codegen/", "runtime/", "macros/", "tests/", "templates/"]
                    .iter()
                    .any(|start| word.starts_with(start));
            if is_path && !root.join(word).exists() {
                broken.push(format!("{}: the path `{word}`", document.display()));
            }
        }
    }
    assert_eq!(broken, Vec::<String>::new());
}
