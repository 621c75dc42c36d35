//! What generated fields say of themselves where the database has no comment of its own.

use plan::Aggregate;

/// What an operator of a filter on single values asks for.
pub(super) fn operator(name: &str) -> Option<&'static str> {
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
        "like" => "Matches the pattern: `%` stands for any text, `_` for one character.",
        "ilike" => "Matches the pattern, ignoring case: `%` stands for any text, `_` for one character.",
        "regex" => "Matches the regular expression.",
        "iregex" => "Matches the regular expression, ignoring case.",
        "isNull" => "`true` for no value, `false` for any value.",
        _ => return None,
    })
}

/// What an operator of a filter on lists asks for.
pub(super) fn array_operator(name: &str) -> Option<&'static str> {
    Some(match name {
        "eq" => "Has the same elements in the same order.",
        "ne" => "Differs from the list.",
        "contains" => "Contains every one of the elements.",
        "containedBy" => "Contains none but the elements.",
        "overlaps" => "Contains at least one of the elements.",
        _ => return operator(name),
    })
}

/// What an operator of a filter on ranges asks for.
pub(super) fn range_operator(name: &str) -> Option<&'static str> {
    Some(match name {
        "eq" => "Has the same bounds.",
        "ne" => "Has other bounds.",
        "contains" => "Contains the value.",
        "overlaps" => "Has at least one value in common with the range.",
        _ => return operator(name),
    })
}

/// What an aggregate's field holds.
pub(super) fn aggregate(function: Aggregate) -> String {
    let what = match function.name() {
        "sum" => "Sum",
        "avg" => "Average",
        "min" => "Smallest value",
        "max" => "Largest value",
        name => return format!("`{name}` of each column."),
    };

    format!("{what} of each column; null without values.")
}
