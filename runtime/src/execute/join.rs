//! Joins the texts of levels: each row's holes are filled with the rows of the levels below.

use super::level::LevelRows;
use crate::plan::{Plan, RootSource};

/// For each root field its value as JSON.
pub(super) fn roots(plan: &Plan, levels: &[LevelRows]) -> Vec<Vec<u8>> {
    let groups: Vec<Groups> = levels.iter().map(Groups::new).collect();
    let joiner = Joiner { plan, levels, groups };
    plan.roots.iter().map(|root| joiner.root(&root.source)).collect()
}

/// Which rows of a level belong to which parent.
struct Groups {
    /// Rows in the order of their parents; empty where they came in that order.
    order: Vec<u32>,
    /// For each parent, counted from one, its first row in that order; one more at the end.
    starts: Vec<u32>,
}

impl Groups {
    fn new(level: &LevelRows) -> Self {
        let ordinals = &level.ordinals;
        let mut order = Vec::new();
        if !ordinals.is_sorted() {
            order = (0..ordinals.len() as u32).collect();
            // Stable: the rows of one parent stay in the order in which they came.
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

    fn range(&self, ordinal: u32) -> std::ops::Range<usize> {
        let at = ordinal as usize;
        match (self.starts.get(at), self.starts.get(at + 1)) {
            (Some(&start), Some(&end)) if at > 0 => start as usize..end as usize,
            _ => 0..0,
        }
    }
}

struct Joiner<'a> {
    plan: &'a Plan,
    levels: &'a [LevelRows],
    groups: Vec<Groups>,
}

impl Joiner<'_> {
    fn root(&self, source: &RootSource) -> Vec<u8> {
        match *source {
            RootSource::Typename(name) => format!("\"{name}\"").into_bytes(),
            RootSource::Row(level) if self.levels[level].rows.is_empty() => b"null".to_vec(),
            RootSource::Row(level) => {
                let mut out = Vec::with_capacity(self.levels[level].text.len());
                self.row(level, 0, &mut out);
                out
            }
            RootSource::Rows(level) => {
                let size: usize = self.levels[level..].iter().map(|level| level.text.len()).sum();
                let mut out = Vec::with_capacity(size + 2);
                out.push(b'[');
                self.rows(level, 0..self.levels[level].rows.len(), &mut out);
                out.push(b']');
                out
            }
        }
    }

    fn rows(&self, level: usize, range: std::ops::Range<usize>, out: &mut Vec<u8>) {
        let rows = &self.levels[level];
        let order = &self.groups[level].order;
        if range.is_empty() {
            return;
        }
        if order.is_empty() && self.plan.levels[level].children.is_empty() {
            // Rows without holes that lie side by side are copied as one, their commas with them.
            out.extend_from_slice(&rows.text[rows.rows[range.start].start..rows.rows[range.end - 1].end]);
            return;
        }
        let first = range.start;
        for at in range {
            if at > first {
                out.push(b',');
            }
            let row = if order.is_empty() { at } else { order[at] as usize };
            self.row(level, row, out);
        }
    }

    fn row(&self, level: usize, at: usize, out: &mut Vec<u8>) {
        let rows = &self.levels[level];
        let row = rows.rows[at];
        let holes_end = rows.rows.get(at + 1).map_or(rows.holes.len(), |next| next.first_hole);
        let mut written = row.start;
        for hole in &rows.holes[row.first_hole..holes_end] {
            out.extend_from_slice(&rows.text[written..hole.at]);
            written = hole.at;
            let child = self.plan.levels[level].children[hole.child].level;
            let range = self.groups[child].range(hole.ordinal);
            match &self.plan.levels[child].single {
                Some(empty) if range.is_empty() => out.extend_from_slice(empty),
                Some(_) => self.rows(child, range, out),
                None => {
                    out.push(b'[');
                    self.rows(child, range, out);
                    out.push(b']');
                }
            }
        }
        out.extend_from_slice(&rows.text[written..row.end]);
    }
}
