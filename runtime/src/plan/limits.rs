//! Bounds of a request, checked before the database is asked. Each error says the limit, the value and the setting.

use super::PlanError;
use crate::model::Limits;
use crate::selection::Selected;

/// Checks the number of fields and how deep they go.
pub fn check_fields(fields: &[Selected], limits: &Limits) -> Result<(), PlanError> {
    if fields.len() > limits.max_root_fields {
        return Err(PlanError::limit(format!(
            "the request has {} root fields, the most are {} (`max_root_fields`)",
            fields.len(),
            limits.max_root_fields
        )));
    }
    let depth = depth(fields);
    if depth > limits.max_depth {
        return Err(PlanError::limit(format!(
            "the request is {depth} fields deep, the most are {} (setting `max_query_depth`)",
            limits.max_depth
        )));
    }
    let mut count = 0;
    count_fields(fields, &mut count);
    if count > limits.max_fields {
        return Err(PlanError::limit(format!(
            "the request has {count} fields, the most are {} (`max_fields`)",
            limits.max_fields
        )));
    }
    Ok(())
}

/// How many fields are nested in each other; introspection, whose depth is bounded by its types, is left out.
fn depth(fields: &[Selected]) -> usize {
    let own = fields.iter().filter(|field| !field.name.starts_with("__"));
    own.map(|field| 1 + depth(&field.fields)).max().unwrap_or(0)
}

fn count_fields(fields: &[Selected], count: &mut usize) {
    *count += fields.len();
    for field in fields {
        count_fields(&field.fields, count);
    }
}
