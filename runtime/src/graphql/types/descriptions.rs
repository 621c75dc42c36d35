//! Descriptions of generated fields for which the database has no comment.

use plan::Aggregate;

/// The description of an operator on single values; `None` if it has none.
pub(in crate::graphql) fn operator(name: &str) -> Option<&'static str> {
    Some(match name {
        "eq" => "Equal to the value.",
        "ne" => "Not equal to the value.",
        "gt" => "Greater than the value.",
        "gte" => "Greater than or equal to the value.",
        "lt" => "Less than the value.",
        "lte" => "Less than or equal to the value.",
        "in" => "Equal to one of the values. An empty list matches nothing.",
        "notIn" => "Equal to none of the values. An empty list matches every value.",
        "contains" => "Contains the text.",
        "icontains" => "Contains the text, ignoring case.",
        "startsWith" => "Starts with the text.",
        "istartsWith" => "Starts with the text, ignoring case.",
        "endsWith" => "Ends with the text.",
        "iendsWith" => "Ends with the text, ignoring case.",
        "like" => "Matches the pattern: `%` matches any text, `_` any one character.",
        "ilike" => "Matches the pattern, ignoring case: `%` matches any text, `_` any one character.",
        "regex" => "Matches the regular expression.",
        "iregex" => "Matches the regular expression, ignoring case.",
        "isNull" => "`true` matches null, `false` matches every other value.",
        _ => return None,
    })
}

/// The description of an operator on lists.
pub(in crate::graphql) fn array_operator(name: &str) -> Option<&'static str> {
    Some(match name {
        "eq" => "Has the same elements in the same order.",
        "ne" => "Differs from the list.",
        "contains" => "Contains all of the elements.",
        "containedBy" => "Contains no other elements than these.",
        "overlaps" => "Contains at least one of the elements.",
        _ => return operator(name),
    })
}

/// The description of an operator on ranges.
pub(in crate::graphql) fn range_operator(name: &str) -> Option<&'static str> {
    Some(match name {
        "eq" => "Has the same bounds.",
        "ne" => "Has different bounds.",
        "contains" => "Contains the value.",
        "overlaps" => "Has at least one value in common with the range.",
        _ => return operator(name),
    })
}

/// The description of an aggregate function's field.
pub(in crate::graphql) fn aggregate(function: Aggregate) -> String {
    let what = match function.name() {
        "sum" => "Sum",
        "avg" => "Average",
        "min" => "Smallest value",
        "max" => "Largest value",
        name => return format!("`{name}` of each column."),
    };

    format!("{what} of each column; null if there are no values.")
}
