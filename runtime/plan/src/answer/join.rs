//! Joins the texts of levels: each row's holes are filled with the rows of the levels below.

use std::cell::Cell;

use super::level::{Fill, LevelRows};
use crate::json::escape;
use crate::planner::{Connection, ConnectionPart, Limit, Plan, RootSource};
use crate::value::BindValue;

/// The value of a computed field, which fills a hole.
#[derive(Debug, Default)]
pub struct ComputedValue {
    /// Its JSON.
    pub json: Vec<u8>,
    /// Whether it is missing although the schema promises a value.
    pub missing: bool,
}

/// The levels of a plan, with the values that fill their holes.
pub(super) struct Joiner<'a> {
    pub(super) plan: &'a Plan,
    pub(super) levels: &'a [LevelRows],
    values: &'a [BindValue],
    filled: &'a [Vec<ComputedValue>],
    groups: Vec<Groups>,
    /// The number of bytes of the root fields that are done.
    done: Cell<usize>,
    /// Whether the answer has more than `max_answer` bytes: rows that several parents share are copied for each of
    /// them.
    too_large: Cell<bool>,
}

/// A value that the schema promises is missing somewhere below, or the answer is too large.
#[derive(Debug)]
struct Missing;

impl<'a> Joiner<'a> {
    pub(super) fn new(
        plan: &'a Plan,
        levels: &'a [LevelRows],
        values: &'a [BindValue],
        filled: &'a [Vec<ComputedValue>],
    ) -> Self {
        Self {
            plan,
            levels,
            values,
            filled,
            groups: levels.iter().map(Groups::new).collect(),
            done: Cell::new(0),
            too_large: Cell::new(false),
        }
    }

    /// The value of each root field as JSON; `None` for a list that cannot be shown because a value is missing.
    pub(super) fn roots(&self) -> Vec<Option<Vec<u8>>> {
        let value = |source| {
            let mut out = Vec::new();
            let is_whole = self.root(source, &mut out).is_ok();
            self.done.set(self.done.get() + out.len());
            is_whole.then_some(out)
        };

        self.plan.roots.iter().map(|root| value(&root.source)).collect()
    }

    /// Appends the object of all root fields, or `null` if one of their lists cannot be shown.
    pub(super) fn data(&self, out: &mut Vec<u8>) {
        let start = out.len();
        let size: usize = self.levels.iter().map(|level| level.text.len()).sum();
        out.reserve(size + size / 8 + 64 * self.plan.roots.len());

        out.push(b'{');
        for (at, root) in self.plan.roots.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            escape::write(&root.key, out);
            out.push(b':');
            if self.root(&root.source, out).is_err() {
                out.truncate(start);
                out.extend_from_slice(b"null");
                return;
            }
        }

        out.push(b'}');
    }

    /// Whether the joined answer has more than `max_answer` bytes.
    pub(super) fn is_too_large(&self) -> bool {
        self.too_large.get()
    }

    fn check_size(&self, out: &[u8]) -> Result<(), Missing> {
        if self.done.get() + out.len() > self.plan.max_answer {
            self.too_large.set(true);
        }
        if self.too_large.get() { Err(Missing) } else { Ok(()) }
    }

    fn root(&self, source: &RootSource, out: &mut Vec<u8>) -> Result<(), Missing> {
        match source {
            RootSource::Typename(name) => escape::write(name, out),
            RootSource::Row(level) if self.levels[*level].rows.is_empty() => {
                out.extend_from_slice(self.plan.levels[*level].single.as_deref().unwrap_or(b"null"));
            }
            RootSource::Row(level) => {
                let start = out.len();
                if self.row(*level, 0, out).is_err() {
                    out.truncate(start);
                    out.extend_from_slice(b"null");
                }
            }
            RootSource::Rows(level) => {
                out.push(b'[');
                self.rows(*level, 0..self.levels[*level].rows.len(), out)?;
                out.push(b']');
            }
            RootSource::Connection(connection) => self.connection(connection, out)?,
        }
        Ok(())
    }

    fn connection(&self, connection: &Connection, out: &mut Vec<u8>) -> Result<(), Missing> {
        for part in &connection.parts {
            match part {
                ConnectionPart::Text(text) => out.extend_from_slice(text),
                ConnectionPart::Rows(level, _) => {
                    out.push(b'[');
                    for (at, row) in self.page(connection, *level).into_iter().enumerate() {
                        if at > 0 {
                            out.push(b',');
                        }
                        self.row(*level, row, out)?;
                    }
                    out.push(b']');
                }
                ConnectionPart::Count(level) => self.row(*level, 0, out)?,
                ConnectionPart::HasNextPage(level) | ConnectionPart::HasPreviousPage(level) => {
                    let ahead = matches!(part, ConnectionPart::HasNextPage(_)) != connection.backward;
                    let more = self.levels[*level].rows.len() > self.page_size(connection);
                    let holds = if ahead { more } else { connection.has_cursor };
                    out.extend_from_slice(if holds { b"true" } else { b"false" });
                }
                ConnectionPart::StartCursor(level) | ConnectionPart::EndCursor(level) => {
                    let page = self.page(connection, *level);
                    let row = if matches!(part, ConnectionPart::StartCursor(_)) {
                        page.first()
                    } else {
                        page.last()
                    };
                    match row.and_then(|&row| self.levels[*level].cursors.get(row)) {
                        Some(cursor) => escape::write(cursor, out),
                        None => out.extend_from_slice(b"null"),
                    }
                }
            }
        }
        Ok(())
    }

    /// The number of rows that were asked for, without the extra one that shows whether there is another page.
    fn page_size(&self, connection: &Connection) -> usize {
        let limit = match connection.limit {
            Limit::Written(number) => number,
            Limit::Parameter(parameter) => match self.values[parameter] {
                BindValue::Int(number) => number.unsigned_abs(),
                _ => 1,
            },
        };

        limit.saturating_sub(1) as usize
    }

    /// The positions of a page's rows, in the order of the answer.
    pub(super) fn page(&self, connection: &Connection, level: usize) -> Vec<usize> {
        let count = self.levels[level].rows.len().min(self.page_size(connection));
        if connection.backward {
            (0..count).rev().collect()
        } else {
            (0..count).collect()
        }
    }

    /// The positions of a level's rows that belong to a key.
    pub(super) fn children(&self, level: usize, ordinal: u32) -> impl Iterator<Item = usize> {
        self.groups[level]
            .range(ordinal)
            .map(move |at| self.groups[level].row(at))
    }

    fn rows(&self, level: usize, range: std::ops::Range<usize>, out: &mut Vec<u8>) -> Result<(), Missing> {
        let rows = &self.levels[level];
        if range.is_empty() {
            return Ok(());
        }

        let has_holes =
            !self.plan.levels[level].children.is_empty() || !self.plan.levels[level].computed_fields.is_empty();
        if self.groups[level].order.is_empty() && !has_holes && rows.errors.is_empty() {
            // Adjacent rows without holes are copied at once, with their commas.
            out.extend_from_slice(&rows.text[rows.rows[range.start].start..rows.rows[range.end - 1].end]);
            return self.check_size(out);
        }

        let first = range.start;
        for at in range {
            if at > first {
                out.push(b',');
            }
            self.row(level, self.groups[level].row(at), out)?;
        }
        Ok(())
    }

    fn row(&self, level: usize, at: usize, out: &mut Vec<u8>) -> Result<(), Missing> {
        let rows = &self.levels[level];
        let row = rows.rows[at];
        if row.is_incomplete {
            return Err(Missing);
        }

        let holes_end = rows.rows.get(at + 1).map_or(rows.holes.len(), |next| next.first_hole);
        let mut written = row.start;
        // The object around the holes, and its start in `out`.
        let mut around: Option<(usize, usize)> = None;

        for hole in &rows.holes[row.first_hole..holes_end] {
            if hole.at < written {
                // It was in an object that became null.
                continue;
            }

            if let Some(object) = hole.object
                && around.is_none_or(|(known, _)| known != object)
            {
                around = Some((object, out.len() + rows.objects[object].0.saturating_sub(written)));
            }

            out.extend_from_slice(&rows.text[written..hole.at]);
            written = hole.at;
            if self.fill(level, hole.fill, out).is_err() {
                let (Some(object), Some((_, start))) = (hole.object, around) else {
                    return Err(Missing);
                };
                out.truncate(start);
                out.extend_from_slice(b"null");
                written = rows.objects[object].1;
            }
        }

        out.extend_from_slice(&rows.text[written..row.end]);
        self.check_size(out)
    }

    fn fill(&self, level: usize, fill: Fill, out: &mut Vec<u8>) -> Result<(), Missing> {
        match fill {
            Fill::Extended(at) => {
                let filled = self.filled.get(level).and_then(|level| level.get(at)).ok_or(Missing)?;
                if filled.missing {
                    return Err(Missing);
                }
                out.extend_from_slice(&filled.json);
                Ok(())
            }
            Fill::Child { child, ordinal } => {
                let child = self.plan.levels[level].children[child].level;
                let range = self.groups[child].range(ordinal);
                match &self.plan.levels[child].single {
                    Some(empty) if range.is_empty() => out.extend_from_slice(empty),
                    Some(_) => self.rows(child, range, out)?,
                    None => {
                        out.push(b'[');
                        self.rows(child, range, out)?;
                        out.push(b']');
                    }
                }
                Ok(())
            }
        }
    }
}

/// Which rows of a level belong to which parent.
struct Groups {
    /// The rows in the order of their parents; empty if they arrived in that order.
    order: Vec<u32>,
    /// For each parent, counted from one, the position of its first row in that order; one more entry marks the end.
    starts: Vec<u32>,
}

impl Groups {
    fn new(level: &LevelRows) -> Self {
        let ordinals = &level.ordinals;
        let mut order = Vec::new();
        if !ordinals.is_sorted() {
            order = (0..ordinals.len() as u32).collect();
            // A stable sort: the rows of one parent keep their order.
            order.sort_by_key(|&row| ordinals[row as usize]);
        }

        let parents = ordinals.iter().max().map_or(0, |&last| last as usize);
        let mut starts = vec![0; parents + 2];
        for &ordinal in ordinals {
            starts[ordinal as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }

        Self { order, starts }
    }

    /// A row's position among the rows as they arrived.
    fn row(&self, at: usize) -> usize {
        if self.order.is_empty() {
            at
        } else {
            self.order[at] as usize
        }
    }

    fn range(&self, ordinal: u32) -> std::ops::Range<usize> {
        let at = ordinal as usize;
        match (self.starts.get(at), self.starts.get(at + 1)) {
            (Some(&start), Some(&end)) if at > 0 => start as usize..end as usize,
            _ => 0..0,
        }
    }
}
