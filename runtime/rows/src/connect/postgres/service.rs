//! The service file: named groups of parameters outside the URL.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::super::names::{find, shorten, unknown};
use super::super::{Environment, TargetError};
use super::parameters;
use super::settings::Settings;

/// The folders of the system-wide file unless `PGSYSCONFDIR` is set.
const SYSTEM_FOLDERS: [&str; 2] = ["/etc/postgresql-common", "/etc/postgresql"];

/// Fills in the parameters of the service that the URL or `PGSERVICE` names. An unknown service is an error.
pub(super) fn fill(settings: &mut Settings, surroundings: &Environment) -> Result<(), TargetError> {
    let named = settings.given("service").map(|given| given.value.as_str());
    let Some(service) = named
        .or_else(|| surroundings.variable("PGSERVICE"))
        .filter(|name| !name.is_empty())
    else {
        return Ok(());
    };
    let service = service.to_owned();

    for file in files(surroundings) {
        let Some(text) = read(&file, surroundings)? else {
            continue;
        };

        if let Some(section) = section(&text, &service) {
            return fill_from(settings, &file.path, section);
        }
    }

    let file = files(surroundings)
        .first()
        .map_or_else(|| "pg_service.conf".to_owned(), |file| display_path(&file.path));
    Err(TargetError::NoService {
        service: shorten(&service),
        file,
    })
}

/// A file that may define the service.
struct Candidate {
    path: PathBuf,
    /// Whether the user has named it, so that it must exist.
    is_named: bool,
}

/// Returns the user's file, then the system's.
fn files(surroundings: &Environment) -> Vec<Candidate> {
    let named = surroundings.variable("PGSERVICEFILE").map(|path| Candidate {
        path: path.into(),
        is_named: true,
    });
    let own = || surroundings.home.as_ref().map(|home| home.join(".pg_service.conf"));
    let own = named.or_else(|| own().map(|path| Candidate { path, is_named: false }));

    let folders = match surroundings.variable("PGSYSCONFDIR") {
        Some(folder) => vec![folder],
        None => SYSTEM_FOLDERS.to_vec(),
    };
    let system = folders
        .into_iter()
        .map(|folder| Path::new(folder).join("pg_service.conf"));

    own.into_iter()
        .chain(system.map(|path| Candidate { path, is_named: false }))
        .collect()
}

/// Returns a file's text; `None` if it does not exist and need not.
fn read(file: &Candidate, surroundings: &Environment) -> Result<Option<String>, TargetError> {
    match (surroundings.read)(&file.path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound && !file.is_named => Ok(None),
        Err(error) => Err(TargetError::ServiceFile {
            file: display_path(&file.path),
            problem: error.to_string().to_lowercase(),
        }),
    }
}

/// Returns the lines of a section with their numbers, without comments and empty lines.
fn section<'a>(text: &'a str, service: &str) -> Option<Vec<(usize, &'a str)>> {
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    let mut lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));

    let is_header = |line: &str| {
        line.strip_prefix('[')
            .and_then(|line| line.split_once(']'))
            .is_some_and(|header| header.0 == service)
    };
    lines.find(|(_, line)| is_header(line))?;

    Some(lines.take_while(|(_, line)| !line.starts_with('[')).collect())
}

/// Fills in the values of a section. The first value of a parameter applies, unless the URL has one.
fn fill_from(settings: &mut Settings, path: &Path, section: Vec<(usize, &str)>) -> Result<(), TargetError> {
    let unreadable = |problem: String| TargetError::ServiceFile {
        file: display_path(path),
        problem,
    };

    for (number, line) in section {
        let (spelling, value) = line
            .split_once('=')
            .ok_or_else(|| unreadable(format!("line {number} has no `=`")))?;

        let name = find(parameters::names(), spelling).filter(|name| *name == spelling);
        let name = name.ok_or_else(|| unknown(parameters::names(), spelling, "PostgreSQL"))?;

        if name == "service" {
            return Err(unreadable(format!("line {number} names another service")));
        }
        settings.fill(name, name, value);
    }

    Ok(())
}

fn display_path(path: &Path) -> String {
    path.display().to_string()
}
