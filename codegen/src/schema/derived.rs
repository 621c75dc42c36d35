//! The names of the types that the server derives from each table. A table named like one of them gets another name,
//! since one of the two types would be lost.

use super::GraphqlName;
use super::names::singular_and_plural;

/// Suffixes appended to a table's type name.
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
    "Input",
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

/// Suffixes appended to a scalar's name.
const OF_SCALARS: &[&str] = &["Range"];

/// Types that every schema may have.
const SHARED: &[&str] = &[
    "JSONPathFilter",
    "MutationError",
    "MutationErrorCode",
    "OrderDirection",
    "PageInfo",
    "PresenceFilter",
];

/// The names of the scalars.
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

/// Whether the server generates a type of this name: for a table, enumeration or composite type, or for every schema.
pub(super) fn is_derived(name: &str) -> bool {
    let is_before = |suffix: &str| name.strip_suffix(suffix).is_some_and(|before| !before.is_empty());
    let is_of_scalar = || {
        OF_SCALARS.iter().any(|suffix| {
            name.strip_suffix(suffix)
                .is_some_and(|scalar| SCALARS.contains(&scalar))
        })
    };
    let is_payload = || {
        let verbs = ["Create", "Update", "Upsert", "Delete"];
        name.ends_with("Payload") && verbs.iter().any(|verb| name.starts_with(verb))
    };

    SHARED.contains(&name) || OF_TABLES.iter().any(|suffix| is_before(suffix)) || is_of_scalar() || is_payload()
}

/// Whether the server generates a root field of this name for some table: `ordersAggregate`, `orderListGroups`,
/// `userByEmail`.
pub(super) fn is_derived_root(name: &str) -> bool {
    let is_list = |before: &str| {
        let (_, plural) = singular_and_plural(before);
        before.ends_with("List") || GraphqlName::field(&plural).as_str() == before
    };
    let is_of_list = || {
        ["Aggregate", "Connection", "Groups"]
            .iter()
            .any(|suffix| name.strip_suffix(suffix).is_some_and(is_list))
    };
    let is_look_up = || {
        let after = name.split("By").skip(1);
        after
            .into_iter()
            .any(|after| after.starts_with(|first: char| first.is_ascii_uppercase()))
    };

    is_of_list() || is_look_up()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_types_beside_a_table_are_known() {
        for name in [
            "TagFilter",
            "OrderGroup",
            "TagMinHaving",
            "IntFilter",
            "IntRange",
            "MoodFilter",
            "CreateTagsPayload",
            "PageInfo",
            "LotInput",
        ] {
            assert!(is_derived(name), "{name}");
        }
        for name in [
            "Tag",
            "Group",
            "Filter",
            "TagRow",
            "CreateTag",
            "MountainRange",
            "Payload",
        ] {
            assert!(!is_derived(name), "{name}");
        }
        for name in ["itemsAggregate", "newsListGroups", "userByEmail"] {
            assert!(is_derived_root(name), "{name}");
        }
        for name in [
            "customerConnection",
            "userGroups",
            "items",
            "standby",
            "customerAggregate",
        ] {
            assert!(!is_derived_root(name), "{name}");
        }
    }
}
