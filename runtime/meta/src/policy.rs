//! Who may do what with a table's rows: static data that every plan is compiled with.

use super::Table;

/// Which of a table's rows can be written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Operations {
    /// `createProduct`, `createProducts`, and `create` in nested inputs.
    pub create: bool,
    /// `updateProduct`, `updateProducts`, and `connect` in nested inputs.
    pub update: bool,
    /// `deleteProduct`, `deleteProducts`.
    pub delete: bool,
}

/// What can be done with rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Reading, filtering, ordering, counting.
    Read,
    /// Making rows.
    Create,
    /// Changing rows.
    Update,
    /// Removing rows.
    Delete,
}

/// A rule for some viewers and actions. Of a table's rules for an action the first that names one of the viewer's
/// roles holds; a table that has rules for an action is closed to viewers whom none of them names.
#[derive(Debug)]
pub struct Policy {
    /// Whom it is for: `anyone`, `anonymous`, `authenticated`, `staff`, or a role of the viewer's.
    pub roles: &'static [&'static str],
    /// What it is for.
    pub actions: &'static [Action],
    /// Which rows; none given: all. New and changed rows must be such.
    pub rows: Option<Rule>,
    /// The columns that are not shown, nor written, nor filtered or ordered by.
    pub hidden: &'static [usize],
    /// The values that columns get when a row is made or changed, whatever the input.
    pub preset: &'static [(usize, Operand)],
}

/// A condition on a row, with the logic of SQL: what is unknown does not hold, nor does its negation.
#[derive(Debug)]
pub enum Rule {
    /// All hold.
    All(&'static [Rule]),
    /// One holds.
    Any(&'static [Rule]),
    /// It does not hold.
    Not(&'static Rule),
    /// A column against a value.
    Compare(usize, RuleComparison, Operand),
    /// A column is null, or not.
    IsNull(usize, bool),
    /// There is a related row for which a rule holds.
    Related {
        /// The column indexes that are equal: here, there.
        pairs: &'static [(usize, usize)],
        /// The related table.
        target: &'static Table,
        /// The rule.
        rule: &'static Rule,
    },
}

/// How a rule compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleComparison {
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

/// A value of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operand {
    /// The viewer's id; null for the anonymous.
    ViewerId,
    /// Whether the viewer is staff.
    ViewerIsStaff,
    /// One of the viewer's claims; null where there is none.
    Claim(&'static str),
    /// A text, or a number as it is written.
    Text(&'static str),
    /// True or false.
    Bool(bool),
}

impl Policy {
    /// Whether it is for an action.
    pub fn is_for(&self, action: Action) -> bool {
        self.actions.contains(&action)
    }
}

impl Table {
    /// Whether some viewers do not see all rows.
    pub fn hides_rows(&self) -> bool {
        self.policies.iter().any(|policy| policy.is_for(Action::Read))
    }
}
