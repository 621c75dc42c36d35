//! The names of types that the server makes beside a table's own: a table that is called like one of them gets another
//! name, since one of the two types would be lost.

use std::collections::BTreeSet;

/// Suffixes behind a table's type name.
const OF_TABLES: &[&str] = &[
    "Aggregate",
    "Avg",
    "ChildInput",
    "ChildrenInput",
    "Column",
    "Conflict",
    "Connection",
    "CreateInput",
    "Edge",
    "Filter",
    "Group",
    "GroupKey",
    "GroupKeyOrderBy",
    "GroupOrderBy",
    "Having",
    "InputColumn",
    "JoinedInput",
    "KeyInput",
    "LinkInput",
    "ListFilter",
    "Max",
    "Min",
    "OrderBy",
    "Stddev",
    "Sum",
    "UniqueKey",
    "UpdateInput",
];

/// Suffixes behind these in turn: the conditions and orders of aggregates.
const OF_AGGREGATES: &[&str] = &["Having", "OrderBy"];

/// Suffixes behind the name of a scalar or enumeration.
const OF_SCALARS: &[&str] = &["ArrayFilter", "Filter", "Range", "RangeFilter", "RangeInput"];

/// Types that every schema may have.
const SHARED: &[&str] =
    &["JSONPathFilter", "MutationError", "MutationErrorCode", "OrderDirection", "PageInfo", "PresenceFilter"];

/// The scalars.
const SCALARS: &[&str] = &[
    "BigInt",
    "Boolean",
    "Bytes",
    "Date",
    "DateTime",
    "Decimal",
    "Duration",
    "Float",
    "ID",
    "Int",
    "JSON",
    "NaiveDateTime",
    "String",
    "Time",
    "UUID",
];

/// The names that types are made of.
#[derive(Debug, Default)]
pub(super) struct Bases {
    /// The tables' types.
    pub(super) tables: BTreeSet<String>,
    /// The root fields of one row and of many, in upper camel case, as mutations have them.
    pub(super) roots: BTreeSet<String>,
    /// The enumerations.
    pub(super) enums: BTreeSet<String>,
}

/// Whether the server makes a type of this name for one of the tables, for one of the enumerations, or for all schemas.
pub(super) fn is_derived(name: &str, bases: &Bases) -> bool {
    let is_of_table = |name: &str| {
        OF_TABLES.iter().any(|suffix| name.strip_suffix(suffix).is_some_and(|table| bases.tables.contains(table)))
    };
    let is_of_aggregate = || OF_AGGREGATES.iter().any(|suffix| name.strip_suffix(suffix).is_some_and(is_of_table));
    let is_of_scalar = || {
        let is_scalar = |scalar: &str| SCALARS.contains(&scalar) || bases.enums.contains(scalar);
        OF_SCALARS.iter().any(|suffix| name.strip_suffix(suffix).is_some_and(is_scalar))
    };
    let is_payload = || {
        let verbs = ["Create", "Update", "Upsert", "Delete"];
        let Some(rest) = name.strip_suffix("Payload") else { return false };
        verbs.iter().any(|verb| rest.strip_prefix(verb).is_some_and(|root| bases.roots.contains(root)))
    };

    SHARED.contains(&name) || is_of_table(name) || is_of_aggregate() || is_of_scalar() || is_payload()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_types_beside_a_table_are_known() {
        let bases = Bases {
            tables: ["Tag", "Order"].map(str::to_owned).into(),
            roots: ["Tag", "Tags"].map(str::to_owned).into(),
            enums: ["Mood".to_owned()].into(),
        };
        let is = |name| is_derived(name, &bases);

        for name in
            ["TagFilter", "OrderGroup", "TagMinHaving", "IntFilter", "MoodFilter", "CreateTagsPayload", "PageInfo"]
        {
            assert!(is(name), "{name}");
        }
        for name in ["Tag", "UserGroup", "Filter", "TagRow", "CreateTag"] {
            assert!(!is(name), "{name}");
        }
    }
}
