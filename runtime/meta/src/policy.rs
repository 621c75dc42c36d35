//! Policies: who may do what with a table's rows. Static data that every plan is compiled with.

use super::Table;

/// Which mutations a table has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Actions {
    /// `createProduct`, `createProducts`, and `create` in nested inputs.
    pub create: bool,
    /// `updateProduct`, `updateProducts`, and `connect` in nested inputs.
    pub update: bool,
    /// `deleteProduct`, `deleteProducts`.
    pub delete: bool,
}

impl Actions {
    /// No mutations.
    pub const NONE: Self = Self {
        create: false,
        update: false,
        delete: false,
    };

    /// All mutations.
    pub const ALL: Self = Self {
        create: true,
        update: true,
        delete: true,
    };
}

/// What can be done with rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Reading, filtering, ordering, counting.
    Read,
    /// Creating rows.
    Create,
    /// Updating rows.
    Update,
    /// Deleting rows.
    Delete,
}

/// What some viewers may do with a table's rows. The first policy for an action that names one of the viewer's roles
/// applies. If a table has policies for an action, viewers whom none of them names are denied.
#[derive(Debug)]
pub struct Policy {
    /// The roles that it applies to: `anyone`, `anonymous`, `authenticated`, `staff`, or a role of the viewer.
    pub roles: &'static [&'static str],
    /// The actions that it applies to.
    pub actions: &'static [Action],
    /// The row filter; `None` permits all rows. New and changed rows must meet it, too.
    pub rows: Option<RowFilter>,
    /// The hidden columns: they are not shown, written, filtered by or ordered by.
    pub hidden: &'static [usize],
    /// The presets: values that columns get when a row is created or updated, whatever the input.
    pub preset: &'static [(usize, Operand)],
}

/// A row filter, with the logic of SQL: if a condition is unknown, neither it nor its negation holds.
#[derive(Debug)]
pub enum RowFilter {
    /// All of them hold.
    All(&'static [RowFilter]),
    /// At least one of them holds.
    Any(&'static [RowFilter]),
    /// It is false.
    Not(&'static RowFilter),
    /// Compares a column with a value.
    Compare(usize, RowFilterComparison, Operand),
    /// A column is null (`true`), or is not null (`false`).
    IsNull(usize, bool),
    /// There is a related row that meets a row filter.
    Related {
        /// The column indexes that must be equal: here, in the related table.
        pairs: &'static [(usize, usize)],
        /// The related table.
        target: &'static Table,
        /// The row filter on the related row.
        row_filter: &'static RowFilter,
    },
}

/// How a row filter compares a column with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowFilterComparison {
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// A value of a row filter or a preset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operand {
    /// The viewer's id; null for anonymous viewers.
    ViewerId,
    /// Whether the viewer is staff.
    ViewerIsStaff,
    /// A claim of the viewer; null if there is none.
    Claim(&'static str),
    /// A text, or a number in its text form.
    Text(&'static str),
    /// True or false.
    Bool(bool),
}

impl Policy {
    /// A policy that permits actions on all rows and columns.
    pub const fn new(roles: &'static [&'static str], actions: &'static [Action]) -> Self {
        Self {
            roles,
            actions,
            rows: None,
            hidden: &[],
            preset: &[],
        }
    }

    /// Sets the row filter.
    #[must_use]
    pub const fn rows(self, rows: RowFilter) -> Self {
        // Written out: a constant function cannot drop the filter that it replaces.
        Self {
            roles: self.roles,
            actions: self.actions,
            rows: Some(rows),
            hidden: self.hidden,
            preset: self.preset,
        }
    }

    /// Sets the hidden columns.
    #[must_use]
    pub const fn hidden(mut self, columns: &'static [usize]) -> Self {
        self.hidden = columns;
        self
    }

    /// Sets the presets.
    #[must_use]
    pub const fn preset(mut self, values: &'static [(usize, Operand)]) -> Self {
        self.preset = values;
        self
    }

    /// Whether it applies to an action.
    pub fn is_for(&self, action: Action) -> bool {
        self.actions.contains(&action)
    }
}

impl Table {
    /// Whether some viewers may not see all rows.
    pub fn hides_rows(&self) -> bool {
        self.policies.iter().any(|policy| policy.is_for(Action::Read))
    }
}
