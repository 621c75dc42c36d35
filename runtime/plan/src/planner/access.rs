//! What a viewer may do with a table.

use super::PlanError;
use crate::viewer::Viewer;
use meta::{Action, Policy, RowFilter, Table};

/// Whom a plan is made for.
#[derive(Debug, Clone, Copy)]
pub enum Access<'v> {
    /// The program itself, to which no policy applies.
    Program,
    /// A viewer.
    Viewer(&'v Viewer),
}

/// A permission: the result of resolving a table's policies for a viewer and an action.
#[derive(Debug, Clone, Copy)]
pub enum Permission {
    /// Everything is permitted.
    Open,
    /// What the policy says is permitted.
    By(&'static Policy),
    /// Nothing is permitted.
    Denied,
}

impl Permission {
    /// The policy, if one applies.
    pub fn policy(self) -> Option<&'static Policy> {
        match self {
            Self::By(policy) => Some(policy),
            Self::Open | Self::Denied => None,
        }
    }

    /// The policy's row filter, if it has one.
    pub fn rows(self) -> Option<&'static RowFilter> {
        self.policy().and_then(|policy| policy.rows.as_ref())
    }

    /// Whether the policy presets the value of a column.
    pub fn presets(self, column: usize) -> bool {
        self.policy()
            .is_some_and(|policy| policy.preset.iter().any(|(preset, _)| *preset == column))
    }

    /// Whether the policy hides a column.
    pub fn hides(self, column: usize) -> bool {
        self.policy().is_some_and(|policy| policy.hidden.contains(&column))
    }
}

impl Access<'_> {
    /// The permission for an action on a table's rows.
    pub fn permission(self, table: &Table, action: Action) -> Permission {
        let Self::Viewer(viewer) = self else {
            return Permission::Open;
        };

        let is_on = match action {
            Action::Read => true,
            Action::Create => table.actions.create,
            Action::Update => table.actions.update,
            Action::Delete => table.actions.delete,
        };
        if !is_on {
            return Permission::Denied;
        }

        let mut has_rules = false;
        for policy in table.policies.iter().filter(|policy| policy.is_for(action)) {
            has_rules = true;
            if policy.roles.iter().any(|role| viewer.has_role(role)) {
                return Permission::By(policy);
            }
        }

        if has_rules || action != Action::Read && !viewer.is_authenticated() {
            Permission::Denied
        } else {
            Permission::Open
        }
    }

    /// The error for a denied action: `AUTHENTICATION_REQUIRED` for an anonymous viewer, otherwise `FORBIDDEN`.
    pub fn denied_error(self, message: String) -> PlanError {
        match self {
            Self::Viewer(viewer) if !viewer.is_authenticated() => PlanError {
                message: format!("{message}: authentication is required"),
                code: "AUTHENTICATION_REQUIRED",
                position: None,
            },
            _ => PlanError {
                message,
                code: "FORBIDDEN",
                position: None,
            },
        }
    }

    /// A text that is the same for two viewers only if the same plan serves both.
    pub fn fingerprint<'t>(self, tables: impl IntoIterator<Item = &'t Table>) -> String {
        let mut print = String::new();
        if matches!(self, Self::Program) {
            return "program".into();
        }

        for table in tables.into_iter().filter(|table| !table.policies.is_empty()) {
            for action in [Action::Read, Action::Create, Action::Update, Action::Delete] {
                let place = match self.permission(table, action) {
                    Permission::Open => "o".into(),
                    Permission::Denied => "d".into(),
                    Permission::By(policy) => {
                        let is_it = |known: &Policy| std::ptr::eq(known, policy);
                        table.policies.iter().position(is_it).unwrap_or_default().to_string()
                    }
                };
                print.push_str(&place);
                print.push(',');
            }
        }

        if let Self::Viewer(viewer) = self
            && !viewer.is_authenticated()
        {
            // Anonymous viewers get a different error for what is denied.
            print.push('a');
        }

        print
    }
}
