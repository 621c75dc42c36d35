//! Gathers the values of all parameters: from the URL, then the service file, then the environment.

use super::super::names::{choose, find, unknown};
use super::super::split::{self, Parts};
use super::super::{Environment, TargetError, after_scheme};
use super::settings::Settings;
use super::{options, parameters, service};

impl Settings {
    /// Gathers every value. The first source that has one wins.
    pub(super) fn gather(url: &str, surroundings: &Environment) -> Result<Self, TargetError> {
        let parts = split::split(after_scheme(url, &["postgres", "postgresql"])?)?;

        let mut settings = Self::default();
        settings.put_authority(&parts);
        settings.put_query(&parts.query)?;

        service::fill(&mut settings, surroundings)?;
        settings.fill_from_variables(surroundings);

        Ok(settings)
    }

    /// Sets the values before the query. Several hosts become one comma-separated list, as in the query.
    fn put_authority(&mut self, parts: &Parts) {
        let (names, numbers): (Vec<_>, Vec<_>) = parts.hosts.iter().cloned().unzip();

        let values = [
            ("user", parts.user.clone().unwrap_or_default()),
            ("password", parts.password.clone().unwrap_or_default()),
            ("host", names.join(",")),
            ("port", numbers.join(",")),
            ("dbname", parts.path.clone().unwrap_or_default()),
        ];

        for (name, value) in values.iter().filter(|(_, value)| !value.is_empty()) {
            self.put(name, name, value);
        }
    }

    /// Sets the values of the query. A later value replaces an earlier one, except for `options[...]`, which add up.
    fn put_query(&mut self, query: &[(String, String)]) -> Result<(), TargetError> {
        let mut switches = Vec::new();

        for (spelling, value) in query {
            if let Some(setting) = spelling
                .strip_prefix("options[")
                .and_then(|rest| rest.strip_suffix(']'))
            {
                switches.push(options::switch(setting, value));
            } else if spelling == "ssl" {
                choose(spelling, value, &[("true", ())])?;
                self.put("sslmode", spelling, "require");
            } else {
                let name = find(parameters::names(), spelling);
                let name = name.ok_or_else(|| unknown(parameters::names(), spelling, "PostgreSQL"))?;
                self.put(name, spelling, value);
            }
        }

        if !switches.is_empty() {
            let switches: Vec<_> = self
                .text("options")
                .map(str::to_owned)
                .into_iter()
                .chain(switches)
                .collect();
            self.put("options", "options", &switches.join(" "));
        }

        Ok(())
    }

    /// Fills in values from the environment. `PGREQUIRESSL` is the old form of `PGSSLMODE=require`.
    fn fill_from_variables(&mut self, surroundings: &Environment) {
        for (name, variable) in parameters::variables() {
            if let Some(value) = surroundings.variable(variable) {
                self.fill(name, variable, value);
            }
        }

        if surroundings
            .variable("PGREQUIRESSL")
            .is_some_and(|value| value.starts_with('1'))
        {
            self.fill("sslmode", "PGREQUIRESSL", "require");
        }
    }
}
