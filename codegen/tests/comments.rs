//! Comments, labels and names of a database stay text, wherever they are written: they run nothing, link nowhere, and
//! neither hide nor reverse the text next to them.

mod support;

use std::path::Path;
use std::process::Command;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
use codegen::catalog::{Catalog, Column, ColumnType, Engine, EnumType, ObjectName, Table, TableKind};
use codegen::{config, emit, schema, text, verify};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use runtime::testing::definition_sdl;
use support::Random;

const PARTS: &[&str] = &[
    "```",
    "````",
    "~~~",
    "~~~~~~~",
    "`",
    "``",
    "rust",
    "ignore",
    "assert!(false);",
    "fn main() { panic!() }",
    "    ",
    "     ",
    "\t",
    "  ",
    " ",
    "\n",
    "\n\n",
    "\r",
    "\r\n",
    "\n    ",
    "\n\t",
    "- ",
    "* ",
    "+ ",
    "1. ",
    "12) ",
    "\n1. a\n\n       b",
    "\n- a\n\n      b",
    "> ",
    "# ",
    "### ",
    "===",
    "---",
    "***",
    "___",
    "[link](x)",
    "[`Vec`]",
    "[Vec]",
    "[x]: http://x",
    "![i](j)",
    "[^1]",
    "<b>",
    "</script>",
    "<!--",
    "<http://x>",
    "&amp;",
    "&#35;",
    "*/",
    "/*",
    "//!",
    "\"\"\"",
    "\"",
    "\\",
    "\\\\",
    "\\n",
    "\\u0041",
    "\\\"\"\"",
    "`name`",
    "| a | b |",
    "|---|---|",
    "$x$",
    "{#id}",
    "word",
    "größe",
    "名前",
    "under_score",
    "_it_",
    "__b__",
    "*i*",
    "~~s~~",
    "\0",
    "\u{1b}[31m",
    "\u{7f}",
    "\u{9b}",
    "\u{85}",
    "\u{2028}",
    "\u{2029}",
    "\u{202a}",
    "\u{202e}",
    "\u{2066}",
    "\u{2069}",
    "\u{200e}",
    "\u{200f}",
    "\u{61c}",
    "\u{b}",
    "\u{c}",
    "#",
    "'",
    "end.",
];

fn hostile_text(random: &mut Random) -> String {
    (0..random.below(14)).map(|_| random.of(PARTS)).collect()
}

/// A catalog with one table, made of the given texts.
fn catalog(texts: &[String]) -> Catalog {
    let ty = |name: &str| ColumnType {
        name: name.into(),
        ..ColumnType::default()
    };
    let column = |name: String, ty: ColumnType, comment: Option<String>| Column {
        loose: false,
        name,
        ty,
        nullable: true,
        default: None,
        generation: codegen::catalog::Generation::None,
        comment,
    };

    let name = ObjectName::new("public", format!("t{}", texts[0]));
    let labels = ObjectName::new("public", "labels");
    let of_labels = ColumnType {
        enumeration: Some(labels.clone()),
        ..ty("labels")
    };

    Catalog {
        engine: Engine::Postgres,
        default_namespace: "public".into(),
        tables: vec![Table {
            name,
            kind: TableKind::Table,
            comment: Some(texts[1].clone()),
            columns: vec![
                column("id".into(), ty("int4"), None),
                column("plain".into(), ty("text"), Some(texts[2].clone())),
                column(format!("c{}", texts[3]), ty("text"), None),
                column("label".into(), of_labels, Some(texts[4].clone())),
            ],
            primary_key: Some(codegen::catalog::Key {
                name: "k".into(),
                columns: vec!["id".into()],
            }),
            unique_keys: Vec::new(),
            foreign_keys: Vec::new(),
            checks: Vec::new(),
            updatable: false,
            row_security: false,
            has_children: false,
        }],
        enums: vec![EnumType {
            name: labels,
            named: true,
            labels: vec![format!("l{}", texts[5]), "other".into()],
            comment: Some(texts[6].clone()),
        }],
        composites: Vec::new(),
        functions: Vec::new(),
        unreadable: Vec::new(),
    }
}

/// The files that would be written: names and texts.
fn generated_files(catalog: &Catalog) -> Vec<(String, String)> {
    let model = verify::verify(schema::build(catalog, &config::Settings::default())).expect("a model");
    let mut files: Vec<(String, String)> = emit::files(&model)
        .into_iter()
        .map(|file| (file.path, file.text))
        .collect();

    let apps = codegen::metadata::Metadata::of(&model).apps(&model);
    for definition in codegen::definitions::definitions(&model) {
        files.push((
            format!("{}.graphql", definition.name),
            definition_sdl(&apps, &definition).expect("SDL"),
        ));
    }

    files.push(("catalog.json".into(), catalog.to_snapshot()));
    files
}

/// The doc comments of a file, each as the text that rustdoc reads, without the one leading space of each line.
fn docs(file: &str) -> Vec<String> {
    let mut docs = vec![String::new()];
    for line in file.lines() {
        match line.trim_start().strip_prefix("///") {
            Some(doc) => {
                let doc = doc.strip_prefix(' ').unwrap_or(doc);
                assert!(!doc.starts_with([' ', '\t']), "an indented line: {doc:?}");
                let last = docs.last_mut().expect("invariant: it begins with one");
                last.push_str(doc);
                last.push('\n');
            }
            None => docs.push(String::new()),
        }
    }
    docs.retain(|doc| !doc.is_empty());

    docs
}

/// Returns the words of a doc comment; an error if Markdown finds anything except paragraphs of text and inline code.
fn words(doc: &str) -> Result<String, String> {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut words = String::new();

    for event in Parser::new_ext(doc, options) {
        match event {
            Event::Start(Tag::Paragraph) => {}
            Event::End(TagEnd::Paragraph) | Event::SoftBreak => words.push(' '),
            Event::Text(text) => words.push_str(&text),
            Event::Code(code) => words.extend(["`", &*code, "`"]),
            // The metadata's own doc comments refer to the row's type.
            Event::Start(Tag::Link { dest_url, .. }) => return Err(format!("a link to {dest_url}")),
            other => return Err(format!("{other:?}")),
        }
    }

    Ok(words.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn normalize_spaces(text: &str) -> String {
    text::plain_text(text)
        .unwrap_or_default()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// Every description of a schema's types, fields and arguments.
fn descriptions(sdl: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut take =
        |text: &Option<async_graphql::Positioned<String>>| found.extend(text.iter().map(|text| text.node.clone()));

    // The parser does not know descriptions of the schema itself, which the specification has had since 2021.
    let sdl = sdl.replacen("\"The tables of the database.\"\nschema {", "schema {", 1);

    for definition in parse_schema(&sdl).expect("SDL that can be read").definitions {
        let TypeSystemDefinition::Type(ty) = definition else {
            continue;
        };
        take(&ty.node.description);
        match &ty.node.kind {
            TypeKind::Object(object) => {
                for field in &object.fields {
                    take(&field.node.description);
                    field
                        .node
                        .arguments
                        .iter()
                        .for_each(|argument| take(&argument.node.description));
                }
            }
            TypeKind::InputObject(input) => input.fields.iter().for_each(|field| take(&field.node.description)),
            _ => {}
        }
    }

    found
}

#[test]
fn hostile_texts_stay_texts_in_every_file() {
    let mut random = Random(17);
    for round in 0..400 {
        let texts: Vec<String> = (0..7).map(|_| hostile_text(&mut random)).collect();
        let files = generated_files(&catalog(&texts));
        for (name, text) in &files {
            let acting = text
                .chars()
                .find(|&c| c != '\n' && text::plain_text(&format!("a{c}b")).as_deref() != Some(&format!("a{c}b")));
            assert_eq!(acting, None, "round {round}: {name} of {texts:?}");
        }

        let shown: Vec<String> = [1, 2, 4, 6]
            .iter()
            .map(|&at| normalize_spaces(&texts[at]))
            .filter(|text| !text.is_empty())
            .collect();
        let mut rust = Vec::new();
        for (name, text) in files.iter().filter(|(name, _)| is_rust(name)) {
            let file = syn::parse_file(text).unwrap_or_else(|error| panic!("round {round}: {name}: {error}\n{text}"));
            let without_gaps = |text: &str| {
                text.lines()
                    .filter(|line| !line.is_empty() && !line.starts_with("// "))
                    .collect::<Vec<_>>()
                    .join("\n")
            };
            assert_eq!(
                without_gaps(&prettyplease::unparse(&file)),
                without_gaps(text),
                "round {round}: {name}"
            );
            for doc in docs(text).iter().filter(|doc| !is_own(doc)) {
                rust.push(words(doc).unwrap_or_else(|found| panic!("round {round}: {found} in {doc:?} of {texts:?}")));
            }
        }
        for text in &shown {
            assert!(rust.contains(text), "round {round}: {text:?} is none of {rust:?}");
        }

        let (_, sdl) = files.iter().find(|(name, _)| name.ends_with(".graphql")).expect("SDL");
        let described = descriptions(sdl);
        for text in [1, 2, 4, 6].iter().filter_map(|&at| text::plain_text(&texts[at])) {
            assert!(
                described.contains(&text),
                "round {round}: {text:?} is none of {described:?}"
            );
        }

        let (_, snapshot) = files.last().expect("the snapshot");
        assert_eq!(
            Catalog::from_snapshot(snapshot).expect("a snapshot"),
            catalog(&texts),
            "round {round}"
        );
    }
}

fn is_rust(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "rs")
}

/// Whether a doc comment is one that links to the type it belongs to: it is made of Rust names.
fn is_own(doc: &str) -> bool {
    doc.starts_with("The metadata of [`") || doc.starts_with("The typed columns of [`")
}

/// The line in which rustdoc says how many doctests it runs in the doc comments; `None` without rustdoc.
fn doctests(folder: &Path, docs: &[String]) -> Option<String> {
    let items = docs.iter().enumerate().map(|(at, doc)| {
        let lines: Vec<String> = doc.lines().map(|line| format!("/// {line}\n")).collect();
        format!("{}pub struct Item{at};\n", lines.concat())
    });

    let file = folder.join("docs.rs");
    std::fs::write(&file, items.collect::<String>()).expect("a file");
    let output = Command::new("rustdoc")
        .args(["--edition", "2024", "--crate-type", "lib", "--test"])
        .arg(&file)
        .output()
        .ok()?;

    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    let line = said.lines().find(|line| line.starts_with("running ")).unwrap_or(&said);
    Some(line.to_owned())
}

#[test]
fn rustdoc_finds_no_doctest_in_a_hostile_comment() {
    let folder = tempfile::tempdir().expect("a folder");
    let attack =
        "Ok.\n\n```\npanic!();\n```\n\n    panic!();\n\n- a\n\n      panic!();\n\n~~~~\npanic!();\n~~~~".to_owned();
    let Some(raw) = doctests(folder.path(), std::slice::from_ref(&attack)) else {
        eprintln!("SKIPPED: there is no rustdoc");
        return;
    };
    assert_eq!(raw, "running 4 tests", "the attack is effective");

    let mut random = Random(23);
    let mut all = Vec::new();
    for round in 0..50 {
        let mut texts: Vec<String> = (0..7).map(|_| hostile_text(&mut random)).collect();
        texts[1 + round % 2].clone_from(&attack);
        for (_, text) in generated_files(&catalog(&texts))
            .iter()
            .filter(|(name, _)| is_rust(name))
        {
            all.extend(docs(text));
        }
    }
    assert!(all.len() > 500, "{}", all.len());
    assert_eq!(doctests(folder.path(), &all).as_deref(), Some("running 0 tests"));
}
