//! The values of all parameters.

use std::collections::BTreeMap;

use super::super::TargetError;
use super::super::names::{choose, integer, shorten};

/// A value, and the name of its source for messages: the parameter as the user spelled it, or the variable.
#[derive(Clone)]
pub(super) struct Given {
    pub(super) label: String,
    pub(super) value: String,
}

/// The values by the names of `libpq`. A later source fills in an absent value, but not an empty one.
#[derive(Default)]
pub(super) struct Settings(BTreeMap<&'static str, Given>);

impl Settings {
    /// Returns a value, which may be empty.
    pub(super) fn given(&self, name: &str) -> Option<&Given> {
        self.0.get(name)
    }

    /// Returns a value that is not empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.given(name)
            .map(|given| given.value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// Returns the name of a parameter for messages.
    pub(super) fn label(&self, name: &str) -> String {
        self.given(name)
            .map_or_else(|| name.to_owned(), |given| shorten(&given.label))
    }

    /// Parses a value that must be one of a parameter's words.
    pub(super) fn choice<T: Copy>(&self, name: &str, choices: &[(&str, T)]) -> Result<Option<T>, TargetError> {
        self.given(name)
            .map(|given| choose(&given.label, &given.value, choices))
            .transpose()
    }

    /// Parses a whole number.
    pub(super) fn integer(&self, name: &str) -> Result<Option<i32>, TargetError> {
        self.given(name)
            .map(|given| integer(&given.label, &given.value))
            .transpose()
    }

    /// Returns the entries of a comma-separated list; an empty value has no entries.
    pub(super) fn list(&self, name: &str) -> Vec<&str> {
        self.text(name).map_or_else(Vec::new, |text| text.split(',').collect())
    }

    /// Sets a value, or replaces an earlier one.
    pub(super) fn put(&mut self, name: &'static str, label: &str, value: &str) {
        self.0.insert(
            name,
            Given {
                label: label.to_owned(),
                value: value.to_owned(),
            },
        );
    }

    /// Sets a value that no earlier source has set.
    pub(super) fn fill(&mut self, name: &'static str, label: &str, value: &str) {
        self.0.entry(name).or_insert_with(|| Given {
            label: label.to_owned(),
            value: value.to_owned(),
        });
    }
}
