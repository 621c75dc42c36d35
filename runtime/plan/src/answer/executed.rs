//! The rows that a plan's statements returned, and how they become an answer.

use super::FieldError;
use super::join::{ComputedValue, Joiner};
use super::level::{LevelRows, PathSegment, Projection};
use crate::planner::{Plan, RootSource};
use crate::value::BindValue;

/// The answer has more bytes than the limit, which is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the answer has more than {0} bytes")]
pub struct TooLarge(pub usize);

/// The answer of a plan.
#[derive(Debug)]
pub struct Joined {
    /// The value of each root field as JSON; `None` for a list in which a value that the schema promises is missing.
    pub values: Vec<Option<Vec<u8>>>,
    /// Fields whose values could not be written.
    pub errors: Vec<FieldError>,
}

/// The rows that a plan's statements returned, before they are joined.
#[derive(Debug, Default)]
pub struct Executed {
    levels: Vec<LevelRows>,
}

impl Executed {
    /// The rows of each level, in the order of the plan's levels.
    pub fn new(levels: Vec<LevelRows>) -> Self {
        Self { levels }
    }

    /// The size of its rows as text, in bytes.
    pub fn bytes(&self) -> usize {
        self.levels.iter().map(|level| level.text.len()).sum()
    }

    /// The columns that computed fields need: for each level, one entry per row and field, with the index of the
    /// extension that computes the field.
    pub fn projections(&self) -> impl Iterator<Item = &[(usize, Projection)]> {
        self.levels.iter().map(|level| level.projections.as_slice())
    }

    /// The path of a projection's field in the answer.
    pub fn projection_path(&self, plan: &Plan, values: &[BindValue], level: usize, at: usize) -> Vec<PathSegment> {
        let extension = self.levels[level].projections[at].0;
        Joiner::new(plan, &self.levels, values, &[]).computed_path(level, at, extension)
    }

    /// Joins the levels. `filled` holds the values for the holes of [`Self::projections`], at the same positions.
    /// Returns [`TooLarge`] if the answer has more bytes than allowed.
    pub fn join(&self, plan: &Plan, values: &[BindValue], filled: &[Vec<ComputedValue>]) -> Result<Joined, TooLarge> {
        let joiner = Joiner::new(plan, &self.levels, values, filled);
        let answer = Joined {
            values: joiner.roots(),
            errors: self.errors(&joiner),
        };
        if joiner.is_too_large() {
            Err(TooLarge(plan.max_answer))
        } else {
            Ok(answer)
        }
    }

    /// Writes the answer: first what `begin` makes of the errors of its fields, then the data. Returns
    /// [`TooLarge`] if the answer has more bytes than allowed.
    pub fn write(
        mut self,
        plan: &Plan,
        values: &[BindValue],
        begin: impl FnOnce(&[FieldError]) -> Vec<u8>,
    ) -> Result<Vec<u8>, TooLarge> {
        if let ([root], [_]) = (plan.roots.as_slice(), self.levels.as_slice())
            && matches!(root.source, RootSource::Rows(_))
            && plan.levels[0].computed_fields.is_empty()
            && self.levels[0].errors.is_empty()
        {
            // A list without nested lists is already the answer's text: it is not copied, however long it is.
            let mut body = begin(&[]);
            body.push(b'{');
            crate::json::escape::write(&root.key, &mut body);
            body.extend_from_slice(b":[");

            let mut text = std::mem::take(&mut self.levels[0].text);
            text.splice(0..0, body);
            text.extend_from_slice(b"]}");
            return Ok(text);
        }

        let joiner = Joiner::new(plan, &self.levels, values, &[]);
        let mut body = begin(&self.errors(&joiner));
        joiner.data(&mut body);
        if joiner.is_too_large() {
            Err(TooLarge(plan.max_answer))
        } else {
            Ok(body)
        }
    }

    fn errors(&self, joiner: &Joiner<'_>) -> Vec<FieldError> {
        let mut errors = Vec::new();
        for (at, level) in self.levels.iter().enumerate() {
            for error in &level.errors {
                let path = joiner.path(at, error.row, error.operation);
                errors.push(FieldError {
                    path,
                    error: error.error,
                });
            }
        }
        errors
    }
}
