//! `codegen`: read, generate, write or compare.

use std::path::PathBuf;
use std::process::ExitCode;

use runtime::testing::definition_sdl;

use super::args::Generate;
use super::resolve::{Resolved, resolve};
use super::{DIFFERS, Problem};
use crate::catalog::Catalog;
use crate::emit::{self, File, HEADER_PREFIX};
use crate::metadata::Metadata;
use crate::output::Output;
use crate::schema::Schema;
use crate::verify::Verified;

pub(super) async fn run(arguments: &Generate) -> Result<ExitCode, Vec<Problem>> {
    let resolved = resolve(arguments)?;
    let output = Output::new(&resolved.out).snapshot(&resolved.snapshot);
    // A killed run is finished first: its files may include the snapshot, which is read next.
    output.recover().map_err(|error| vec![Problem::without_hint(error)])?;

    let catalog = resolved.catalog().await?;
    let model = resolved.model(&catalog)?;

    let mut files = if resolved.code { emit::files(&model) } else { Vec::new() };
    files.extend(sdl_files(&model)?);
    let snapshot = catalog.to_snapshot();
    if arguments.check {
        return check(&resolved, &output, &files, &snapshot);
    }

    let changed = output
        .write(&files, Some(&snapshot))
        .map_err(|error| vec![Problem::without_hint(error)])?;
    summary(&resolved, &catalog, &model, &changed, arguments);
    Ok(ExitCode::SUCCESS)
}

/// Renders the SDL of each schema with the runtime; all errors are returned together.
fn sdl_files(model: &Verified<Schema>) -> Result<Vec<File>, Vec<Problem>> {
    let apps = Metadata::of(model).apps(model);
    let mut files = Vec::new();
    let mut problems = Vec::new();
    for definition in crate::definitions::definitions(model) {
        match definition_sdl(&apps, &definition) {
            Ok(sdl) => files.push(File {
                path: format!("{}.graphql", definition.name),
                text: format!("# {HEADER_PREFIX}{}.\n\n{sdl}", env!("CARGO_PKG_VERSION")),
            }),
            Err(error) => problems.push(Problem::without_hint(error)),
        }
    }
    if problems.is_empty() { Ok(files) } else { Err(problems) }
}

#[expect(clippy::print_stdout, reason = "the difference is the command's result")]
fn check(resolved: &Resolved, output: &Output, files: &[File], snapshot: &str) -> Result<ExitCode, Vec<Problem>> {
    let changes = output
        .check(files, Some(snapshot))
        .map_err(|error| vec![Problem::without_hint(error)])?;
    if changes.count == 0 {
        eprintln!("`{}` is up to date", resolved.out.display());
        return Ok(ExitCode::SUCCESS);
    }

    print!("{}", changes.diff);
    eprintln!(
        "{} files in `{}` would change; run the same command without `--check` to write them",
        changes.count,
        resolved.out.display()
    );
    Ok(ExitCode::from(DIFFERS))
}

#[expect(clippy::print_stdout, reason = "the written files are the command's result")]
fn summary(
    resolved: &Resolved,
    catalog: &Catalog,
    model: &Verified<Schema>,
    changed: &[PathBuf],
    arguments: &Generate,
) {
    for path in changed {
        println!("{}", path.display());
    }

    let apps: Vec<String> = model
        .apps
        .iter()
        .map(|app| format!("{} ({})", app.name, app.entities.len()))
        .collect();
    eprintln!(
        "{} tables read, {} generated in the apps {}; {} files changed in `{}`",
        catalog.tables.len(),
        model.entities.len(),
        apps.join(", "),
        changed.len(),
        resolved.out.display()
    );

    if let Some(url) = resolved.url.as_ref().filter(|url| !url.contains('@')) {
        let entity = model
            .entities
            .iter()
            .max_by_key(|entity| entity.relations.len())
            .unwrap_or(&model.entities[0]);

        let config = arguments
            .config
            .as_ref()
            .map(|path| format!(" --config {}", path.display()))
            .unwrap_or_default();

        let apps: Vec<String> = arguments
            .app
            .iter()
            .map(|(name, list)| format!(" --app '{name}={}'", list.join(",")))
            .collect();
        let apps = apps.concat();

        // Tables that are left out here must not be served either.
        let lists = [
            ("include", &arguments.include),
            ("exclude", &arguments.exclude),
            ("namespace", &arguments.namespace),
        ];
        let tables: String = lists
            .iter()
            .flat_map(|(name, list)| list.iter().map(move |item| format!(" --{name} '{item}'")))
            .collect();

        eprintln!("serve it now:  cargo run -p codegen -- serve --db {url}{config}{tables}{apps}");
        if model.schemas.is_empty() {
            return;
        }
        eprintln!(
            "and query it:  curl 127.0.0.1:8000/graphql/{}/ --json '{{\"query\": \"{{ {}(limit: 3) {{ {} }} }}\"}}'",
            model
                .schemas
                .iter()
                .find(|api| api.apps.contains(&model.apps[entity.app].name))
                .map_or("", |api| &api.name),
            entity.many,
            entity
                .columns
                .iter()
                .take(3)
                .map(|field| field.graphql.as_str())
                .collect::<Vec<_>>()
                .join(" "),
        );
    }
}
