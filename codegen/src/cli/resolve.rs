//! Resolves arguments and `codegen.toml` to the settings and the catalog of a run.

use std::path::{Path, PathBuf};

use super::Problem;
use super::args::Generate;
use crate::catalog::Catalog;
use crate::config::{ConfigFile, Pattern, Settings};
use crate::introspect::{DatabaseUrl, introspect};
use crate::output::SNAPSHOT;
use crate::schema::{self, Schema, Severity};
use crate::verify::{Verified, verify};

/// The settings of a run.
pub(super) struct Resolved {
    pub(super) settings: Settings,
    pub(super) out: PathBuf,
    pub(super) snapshot: PathBuf,
    /// Whether Rust is written in addition to the snapshot and SDL.
    pub(super) code: bool,
    /// The database to read; `None` to read the snapshot.
    pub(super) url: Option<String>,
}

pub(super) fn resolve(arguments: &Generate) -> Result<Resolved, Vec<Problem>> {
    let default = Path::new("codegen.toml");
    let path = arguments
        .config
        .as_deref()
        .or_else(|| default.exists().then_some(default));
    let (file, folder) = match path {
        Some(path) => {
            let file = ConfigFile::read(path).map_err(|error| vec![Problem::without_hint(error)])?;
            (file, path.parent().unwrap_or(Path::new("")).to_owned())
        }
        None => (ConfigFile::default(), PathBuf::new()),
    };

    let mut settings = file
        .settings()
        .map_err(|message| vec![Problem::without_hint(message)])?;
    for (name, patterns) in &arguments.app {
        settings.apps.insert(name, patterns.iter().map(Pattern::new).collect());
    }
    settings.include.extend(arguments.include.iter().map(Pattern::new));
    settings.exclude.extend(arguments.exclude.iter().map(Pattern::new));
    settings.namespaces.extend(arguments.namespace.iter().cloned());

    let out = match (&arguments.out, &file.output) {
        (Some(out), _) => out.clone(),
        (None, Some(output)) => folder.join(output),
        (None, None) => "generated".into(),
    };
    let snapshot = match (&arguments.out, &file.snapshot) {
        (None, Some(snapshot)) => folder.join(snapshot),
        _ => out.join(SNAPSHOT),
    };

    let url = if arguments.offline {
        None
    } else {
        arguments.db.clone().or(file.database)
    };

    Ok(Resolved {
        settings,
        out,
        snapshot,
        code: file.code,
        url,
    })
}

impl Resolved {
    /// Reads the catalog from the database or the snapshot.
    pub(super) async fn catalog(&self) -> Result<Catalog, Vec<Problem>> {
        let Some(url) = &self.url else {
            return self.read_snapshot();
        };

        let url: DatabaseUrl = url
            .parse()
            .map_err(|error: crate::introspect::UrlError| vec![Problem::new(error.to_string(), error.hint())])?;

        introspect(&url).await.map_err(|error| {
            let message = error.to_string();
            vec![
                error
                    .hint()
                    .map_or_else(|| Problem::without_hint(&message), |hint| Problem::new(&message, hint)),
            ]
        })
    }

    fn read_snapshot(&self) -> Result<Catalog, Vec<Problem>> {
        let path = self.snapshot.display();
        let text = std::fs::read_to_string(&self.snapshot).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => vec![Problem::new(
                format!("no database is given, and there is no snapshot `{path}`"),
                "give a database with `--db URL`; this also writes the snapshot",
            )],
            _ => vec![Problem::new(
                format!("cannot read `{path}`: {error}"),
                "check the file's permissions",
            )],
        })?;
        Catalog::from_snapshot(&text).map_err(|error| vec![Problem::without_hint(format!("`{path}`: {error}"))])
    }

    /// Returns the checked model, and prints its warnings to standard error.
    pub(super) fn model(&self, catalog: &Catalog) -> Result<Verified<Schema>, Vec<Problem>> {
        let model = self.model_without_warnings(catalog)?;
        for warning in model
            .diagnostics
            .iter()
            .filter(|found| found.severity == Severity::Warning)
        {
            eprintln!("{warning}");
        }
        Ok(model)
    }

    /// Returns the checked model without printing its warnings.
    pub(super) fn model_without_warnings(&self, catalog: &Catalog) -> Result<Verified<Schema>, Vec<Problem>> {
        verify(schema::build(catalog, &self.settings))
            .map_err(|errors| errors.iter().map(Problem::from).collect::<Vec<_>>())
    }
}
