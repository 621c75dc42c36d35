//! Collects [`Selected`] fields from a parsed document, following "Field Collection" in the specification.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use async_graphql_parser::types::{Directive, Field, FragmentDefinition, Selection, SelectionSet};
use async_graphql_parser::{Pos, Positioned};
use async_graphql_value::Value as Node;
use async_graphql_value::{ConstValue as Value, Name, Variables};

use super::inputs::{Inputs, MAX_COPIED_BYTES, TooLarge};
use super::{Bounds, Input, Selected};

/// The variables of a request with their defaults.
pub type VariableScope = Variables;

/// Why the fields of a request cannot be collected.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct SelectionError {
    /// What is wrong.
    pub message: String,
    /// `extensions.code`.
    pub code: &'static str,
    /// The position in the request.
    pub position: Pos,
}

/// Collects fields of a validated document.
pub struct Collector<'a> {
    /// The document's fragments.
    pub fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    /// The request's variables, defaults filled in.
    pub variables: &'a VariableScope,
    /// The limits of the collection.
    pub bounds: Bounds,
}

impl Collector<'_> {
    /// The fields of a selection set with everything below them, in the order of their first mention. An error as soon
    /// as a limit is exceeded.
    pub fn fields(&self, set: &SelectionSet) -> Result<Vec<Selected>, SelectionError> {
        let mut walk = Walk::new(self);
        walk.collect(&[set], Some(1))
    }

    /// One field with everything below it.
    pub fn field(&self, field: &Positioned<Field>) -> Result<Selected, SelectionError> {
        let mut walk = Walk::new(self);
        walk.fields = 1;
        walk.selected(field.node.response_key().node.as_str(), &[field], Some(1))
    }

    /// Evaluates `@skip` and `@include`.
    fn is_included(&self, directives: &[Positioned<Directive>]) -> Result<bool, SelectionError> {
        for directive in directives {
            let wanted = match directive.node.name.node.as_str() {
                "include" => true,
                "skip" => false,
                _ => continue,
            };

            let condition = match directive.node.get_argument("if").map(|value| &value.node) {
                Some(Node::Boolean(value)) => Some(*value),
                Some(Node::Variable(name)) => match self.variables.get(name) {
                    Some(Value::Boolean(value)) => Some(*value),
                    _ => None,
                },
                _ => None,
            };

            match condition {
                Some(value) if value == wanted => {}
                Some(_) => return Ok(false),
                None => {
                    return Err(SelectionError {
                        message: format!("`@{}` needs a boolean `if`", directive.node.name.node),
                        code: "BAD_USER_INPUT",
                        position: directive.pos,
                    });
                }
            }
        }

        Ok(true)
    }
}

/// One collection and its counts so far. Every step is counted before it is taken, so there are at most as many steps
/// as the limits allow.
struct Walk<'w> {
    collector: &'w Collector<'w>,
    fields: usize,
    spreads: usize,
    aliases: usize,
    inputs: Inputs<'w>,
}

/// All mentions of one key in one selection set: one field of the answer.
struct Mentions<'a> {
    key: &'a str,
    fields: Vec<&'a Positioned<Field>>,
}

impl<'w> Walk<'w> {
    fn new(collector: &'w Collector<'w>) -> Self {
        Self {
            collector,
            fields: 0,
            spreads: 0,
            aliases: 0,
            inputs: Inputs::new(collector.variables),
        }
    }

    /// The fields of several selection sets, merged. `depth` is the depth of these fields; `None` for introspection,
    /// whose types bound its depth.
    fn collect(&mut self, sets: &[&'w SelectionSet], depth: Option<usize>) -> Result<Vec<Selected>, SelectionError> {
        let mut mentions: Vec<Mentions<'w>> = Vec::new();
        let mut places: HashMap<&'w str, usize> = HashMap::new();
        let mut visited: HashSet<&'w str> = HashSet::new();
        for set in sets {
            self.gather(set, &mut mentions, &mut places, &mut visited)?;
        }

        let mut selected = Vec::with_capacity(mentions.len());
        for Mentions { key, fields } in mentions {
            selected.push(self.selected(key, &fields, depth)?);
        }

        Ok(selected)
    }

    /// One field of the answer, merged from all its mentions.
    fn selected(
        &mut self,
        key: &str,
        mentions: &[&'w Positioned<Field>],
        depth: Option<usize>,
    ) -> Result<Selected, SelectionError> {
        let first = mentions[0];
        let is_own = !first.node.name.node.starts_with("__");
        let depth = depth.filter(|_| is_own);
        if let Some(depth) = depth {
            self.check_depth(depth, first.pos)?;
        }

        let below: Vec<&SelectionSet> = mentions.iter().map(|field| &field.node.selection_set.node).collect();
        Ok(Selected {
            key: key.to_owned(),
            name: first.node.name.node.to_string(),
            position: first.pos,
            positions: mentions.iter().map(|field| field.pos).collect(),
            arguments: self.arguments(first)?,
            fields: self.collect(&below, depth.map(|depth| depth + 1))?,
        })
    }

    /// Adds the fields of one selection set to the mentions, each fragment once.
    fn gather(
        &mut self,
        set: &'w SelectionSet,
        mentions: &mut Vec<Mentions<'w>>,
        places: &mut HashMap<&'w str, usize>,
        visited: &mut HashSet<&'w str>,
    ) -> Result<(), SelectionError> {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => {
                    self.count_field(field)?;
                    if self.collector.is_included(&field.node.directives)? {
                        let key = field.node.response_key().node.as_str();
                        let place = *places.entry(key).or_insert(mentions.len());
                        if place == mentions.len() {
                            mentions.push(Mentions {
                                key,
                                fields: Vec::new(),
                            });
                        }
                        mentions[place].fields.push(field);
                    }
                }
                Selection::InlineFragment(fragment) => {
                    self.count_spread(item.pos)?;
                    if self.collector.is_included(&fragment.node.directives)? {
                        self.gather(&fragment.node.selection_set.node, mentions, places, visited)?;
                    }
                }
                Selection::FragmentSpread(spread) => {
                    self.count_spread(item.pos)?;
                    let name = spread.node.fragment_name.node.as_str();
                    if self.collector.is_included(&spread.node.directives)? && visited.insert(name) {
                        let fragment = self.collector.fragments.get(name).ok_or_else(|| SelectionError {
                            message: format!("Unknown fragment `{name}`"),
                            code: "GRAPHQL_VALIDATION_FAILED",
                            position: item.pos,
                        })?;
                        self.gather(&fragment.node.selection_set.node, mentions, places, visited)?;
                    }
                }
            }
        }

        Ok(())
    }

    fn arguments(&mut self, field: &'w Positioned<Field>) -> Result<Vec<(String, Arc<Input>)>, SelectionError> {
        let mut arguments = Vec::with_capacity(field.node.arguments.len());
        for (name, value) in &field.node.arguments {
            let read = self.inputs.argument(&value.node);
            let input = read.map_err(|TooLarge| {
                limit_error(
                    "bytes of variables within values",
                    MAX_COPIED_BYTES,
                    "in total",
                    value.pos,
                )
            })?;
            if let Some(input) = input {
                arguments.push((name.node.to_string(), input));
            }
        }
        Ok(arguments)
    }

    fn count_field(&mut self, field: &Positioned<Field>) -> Result<(), SelectionError> {
        let bounds = self.collector.bounds;
        self.fields += 1;
        self.aliases += usize::from(field.node.response_key().node != field.node.name.node);
        if self.aliases > bounds.max_aliases {
            return Err(limit_error("aliases", bounds.max_aliases, "`max_aliases`", field.pos));
        }
        if self.fields > bounds.max_fields {
            return Err(limit_error("fields", bounds.max_fields, "`max_fields`", field.pos));
        }
        Ok(())
    }

    fn count_spread(&mut self, position: Pos) -> Result<(), SelectionError> {
        self.spreads += 1;
        let most = self.collector.bounds.max_fields;
        if self.spreads > most {
            Err(limit_error("fragments", most, "`max_fields`", position))
        } else {
            Ok(())
        }
    }

    fn check_depth(&self, depth: usize, position: Pos) -> Result<(), SelectionError> {
        let most = self.collector.bounds.max_depth;
        if depth <= most {
            return Ok(());
        }
        Err(SelectionError {
            message: format!("the request is more than {most} fields deep (setting `max_query_depth`)"),
            code: "LIMIT_EXCEEDED",
            position,
        })
    }
}

fn limit_error(what: &str, most: usize, setting: &str, position: Pos) -> SelectionError {
    let message = format!("the request has more than {most} {what} ({setting})");
    SelectionError {
        message,
        code: "LIMIT_EXCEEDED",
        position,
    }
}
