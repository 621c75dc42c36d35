//! The size of a document with its fragments expanded, computed in time linear in the document's length.
//!
//! Validation follows every spread. If each fragment spreads the next one twice, every further fragment doubles the
//! cost. The size is therefore checked before validation.

use std::collections::HashMap;

use async_graphql_parser::types::{ExecutableDocument, FragmentDefinition, Selection, SelectionSet};
use async_graphql_parser::{Pos, Positioned};
use async_graphql_value::Name;

use super::SelectionError;

/// The most selections that a document may have with its fragments expanded.
const MAX_EXPANDED: u64 = 10_000;

/// How deep selection sets may be nested with fragments expanded.
pub const MAX_NESTING: usize = 100;

/// Checks the expanded size of all operations of a document.
pub fn check_expansion(document: &ExecutableDocument) -> Result<(), SelectionError> {
    let mut expansion = Expansion {
        fragments: &document.fragments,
        known: HashMap::new(),
    };

    let mut selections = 0_u64;
    let mut first = Pos::default();
    for (_, operation) in document.operations.iter() {
        first = operation.pos;
        selections = selections.saturating_add(expansion.set(&operation.node.selection_set.node, 1)?.selections);
    }

    // Fragments that nothing spreads are validated, too.
    #[expect(clippy::iter_over_hash_type, reason = "the sum is the same in any order")]
    for (name, fragment) in &document.fragments {
        expansion.fragment(name, fragment, 1)?;
    }

    if selections > MAX_EXPANDED {
        return Err(SelectionError {
            message: format!(
                "the document selects {selections} fields and fragments with its fragments expanded, at most \
                 {MAX_EXPANDED} are allowed"
            ),
            code: "LIMIT_EXCEEDED",
            position: first,
        });
    }

    Ok(())
}

/// The expanded size of a selection set.
#[derive(Debug, Clone, Copy)]
struct Size {
    selections: u64,
    /// How deep its selection sets are nested.
    nesting: usize,
}

struct Expansion<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    /// The size of each fragment; `None` while it is being computed.
    known: HashMap<&'a str, Option<Size>>,
}

impl<'a> Expansion<'a> {
    fn set(&mut self, set: &'a SelectionSet, nesting: usize) -> Result<Size, SelectionError> {
        let mut size = Size {
            selections: 0,
            nesting: 0,
        };
        for item in &set.items {
            if nesting > MAX_NESTING {
                return Err(too_deep(item.pos));
            }

            let below = match &item.node {
                Selection::Field(field) => self.set(&field.node.selection_set.node, nesting + 1)?,
                Selection::InlineFragment(fragment) => self.set(&fragment.node.selection_set.node, nesting + 1)?,
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    match self.fragments.get_key_value(name) {
                        Some((name, fragment)) => self.fragment(name, fragment, nesting + 1)?,
                        // Validation reports it.
                        None => Size {
                            selections: 0,
                            nesting: 0,
                        },
                    }
                }
            };

            size.selections = size.selections.saturating_add(1).saturating_add(below.selections);
            size.nesting = size.nesting.max(1 + below.nesting);
            if nesting + below.nesting > MAX_NESTING {
                return Err(too_deep(item.pos));
            }
        }

        Ok(size)
    }

    fn fragment(
        &mut self,
        name: &'a Name,
        fragment: &'a Positioned<FragmentDefinition>,
        nesting: usize,
    ) -> Result<Size, SelectionError> {
        match self.known.insert(name.as_str(), None) {
            Some(Some(size)) => {
                self.known.insert(name.as_str(), Some(size));
                return Ok(size);
            }
            Some(None) => {
                return Err(SelectionError {
                    message: format!("the fragment `{name}` spreads itself"),
                    code: "GRAPHQL_VALIDATION_FAILED",
                    position: fragment.pos,
                });
            }
            None => {}
        }

        let size = self.set(&fragment.node.selection_set.node, nesting)?;
        self.known.insert(name.as_str(), Some(size));
        Ok(size)
    }
}

fn too_deep(position: Pos) -> SelectionError {
    let message = format!("the document nests selections more than {MAX_NESTING} deep with its fragments expanded");
    SelectionError {
        message,
        code: "LIMIT_EXCEEDED",
        position,
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use async_graphql_parser::parse_query;

    use super::*;

    fn check(document: &str) -> Result<(), String> {
        check_expansion(&parse_query(document).expect("a document")).map_err(|error| error.message)
    }

    fn doubling(fragments: usize) -> String {
        let mut text = String::from("{...F0}");
        for at in 0..fragments {
            let _ = write!(text, " fragment F{at} on Query{{...F{} ...F{}}}", at + 1, at + 1);
        }
        text + &format!(" fragment F{fragments} on Query{{__typename}}")
    }

    #[test]
    fn doubled_spreads_are_counted_without_being_followed() {
        assert_eq!(check(&doubling(8)), Ok(()));
        assert!(check(&doubling(30)).is_err_and(|error| error.contains("at most 10000")));
        assert!(check(&doubling(90)).is_err_and(|error| error.contains("at most 10000")));
    }

    #[test]
    fn what_spreads_itself_is_named() {
        assert_eq!(
            check("{...A} fragment A on Q{...B ...B} fragment B on Q{...A}").unwrap_err(),
            "the fragment `A` spreads itself"
        );
        assert_eq!(
            check("{a} fragment A on Q{...A}").unwrap_err(),
            "the fragment `A` spreads itself"
        );
    }

    #[test]
    fn depth_counts_through_fragments() {
        let chain = |length: usize| {
            let mut text = String::from("{...F0}");
            for at in 0..length {
                let _ = write!(text, " fragment F{at} on Query{{...F{}}}", at + 1);
            }
            text + &format!(" fragment F{length} on Query{{__typename}}")
        };
        assert_eq!(check(&chain(90)), Ok(()));
        assert!(check(&chain(1500)).is_err_and(|error| error.contains("more than 100 deep")));
    }
}
