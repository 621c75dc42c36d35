//! The path from an answer's root to a field that has an error.

use super::join::Joiner;
use super::level::{Fill, PathSegment};
use crate::planner::{ConnectionPart, RootSource, Step};

impl Joiner<'_> {
    /// The path of an operation's value in a row. A row that several parents share is reported below the first of them.
    pub(super) fn path(&self, level: usize, row: usize, operation: usize) -> Vec<PathSegment> {
        let mut path = self.row_path(level, row);

        let operations = self.plan.levels[level].program.steps();
        if let Some(
            Step::Value { path: keys, .. } | Step::Structure { path: keys, .. } | Step::Object { path: keys, .. },
        ) = operations.get(operation)
        {
            path.extend(keys.iter().cloned().map(PathSegment::Key));
        }

        path
    }

    /// The path of a computed field.
    pub(super) fn computed_path(&self, level: usize, extended: usize, extension: usize) -> Vec<PathSegment> {
        let rows = &self.levels[level];
        let hole = rows
            .holes
            .iter()
            .position(|hole| matches!(hole.fill, Fill::Extended(at) if at == extended));

        let row = hole.map_or(0, |hole| {
            rows.rows
                .partition_point(|row| row.first_hole <= hole)
                .saturating_sub(1)
        });

        let mut path = self.row_path(level, row);
        let keys = &self.plan.levels[level].computed_fields[extension].path;
        path.extend(keys.iter().cloned().map(PathSegment::Key));

        path
    }

    fn row_path(&self, level: usize, row: usize) -> Vec<PathSegment> {
        let Some(above) = self.plan.levels[level].parent else {
            return self.root_path(level, row);
        };

        let ordinal = self.levels[level].ordinals.get(row).copied().unwrap_or(0);
        let parents = &self.levels[above.level];
        let is_here =
            |fill: Fill| matches!(fill, Fill::Child { child, ordinal: own } if child == above.child && own == ordinal);
        let hole = parents.holes.iter().position(|hole| is_here(hole.fill)).unwrap_or(0);
        let parent = parents
            .rows
            .partition_point(|row| row.first_hole <= hole)
            .saturating_sub(1);

        let mut path = self.row_path(above.level, parent);
        let keys = &self.plan.levels[above.level].children[above.child].path;
        path.extend(keys.iter().cloned().map(PathSegment::Key));

        if self.plan.levels[level].single.is_none() {
            let place = self.children(level, ordinal).position(|known| known == row);
            path.push(PathSegment::Index(place.unwrap_or(0)));
        }

        path
    }

    fn root_path(&self, level: usize, row: usize) -> Vec<PathSegment> {
        for root in &self.plan.roots {
            let mut path = vec![PathSegment::Key(root.key.clone())];
            match &root.source {
                RootSource::Row(own) if *own == level => return path,
                RootSource::Rows(own) if *own == level => {
                    path.push(PathSegment::Index(row));
                    return path;
                }
                RootSource::Connection(connection) => {
                    let found = connection.parts.iter().find_map(|part| match part {
                        ConnectionPart::Rows(own, key) if *own == level => Some(key),
                        _ => None,
                    });
                    if let Some(key) = found {
                        let place = self.page(connection, level).iter().position(|&known| known == row);
                        path.push(PathSegment::Key(key.clone()));
                        path.push(PathSegment::Index(place.unwrap_or(0)));
                        return path;
                    }
                }
                _ => {}
            }
        }

        Vec::new()
    }
}
