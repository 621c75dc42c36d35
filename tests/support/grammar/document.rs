//! Random documents: roots with arguments, selections inside each other, and the fragments that they spread.

use std::collections::BTreeSet;

use super::Variables;
use super::filter::{filter, literal};
use super::tables::{TABLES, Table};
use crate::Random;

/// The most fragments on one type.
const FRAGMENTS: usize = 12;

/// Writes one document.
pub(super) struct Writer<'r> {
    random: &'r mut Random,
    text: String,
    /// How long the text may become, about.
    room: usize,
    /// What is left for variables, in bytes.
    variables_room: usize,
    variables: Variables,
    /// The names of variables, and the tables whose filters they are.
    declared: Vec<(String, usize)>,
    /// Fragments that are spread, by table and number.
    spread: BTreeSet<(usize, usize)>,
    /// How many fields a selection has, about.
    width: usize,
    /// How deep selections go; the server takes 16, and some are to be refused.
    deepest: usize,
    aliases: usize,
}

impl<'r> Writer<'r> {
    pub(super) fn new(random: &'r mut Random, room: usize, variables_room: usize) -> Self {
        let (width, deepest) = (2 + random.size(64), 3 + random.below(15) as usize);
        Self {
            random,
            text: String::new(),
            room,
            variables_room,
            variables: Variables::new(),
            declared: Vec::new(),
            spread: BTreeSet::new(),
            width,
            deepest,
            aliases: 0,
        }
    }

    /// The document and its variables.
    pub(super) fn write(mut self) -> (String, Variables) {
        let roots = 1 + self.random.size(50);
        for _ in 0..roots {
            if !self.is_full() {
                self.root();
            }
        }
        self.text.push('}');
        self.fragments();

        let declared: Vec<String> = self
            .declared
            .iter()
            .map(|(name, table)| format!("${name}:{}Filter", TABLES[*table].name))
            .collect();
        let head = if declared.is_empty() {
            String::new()
        } else {
            format!("({})", declared.join(","))
        };
        (format!("query{head}{{{}", self.text), self.variables)
    }

    fn is_full(&self) -> bool {
        self.text.len() >= self.room
    }

    fn root(&mut self) {
        let at = self.random.below(TABLES.len() as u64) as usize;
        let table = &TABLES[at];
        let alias = self.alias();
        let filters = self.filters(at);
        let count = 1 + self.random.size(999);
        match self.random.below(10) {
            0 => self.push(&format!("{alias}:{}Aggregate(filters:{filters}){{count}}", table.list)),
            1 => {
                let column = self.random.pick(table.columns).0;
                self.push(&format!(
                    "{alias}:{}Groups(by:[{column}],filters:{filters},limit:{count})",
                    table.list
                ));
                self.push(&format!("{{count key{{{column}}}}}"));
            }
            2 => {
                self.push(&format!(
                    "{alias}:{}Connection(first:{count},filters:{filters})",
                    table.list
                ));
                self.push("{totalCount pageInfo{endCursor} nodes");
                self.selection(at, 3);
                self.push("}");
            }
            _ => {
                let order = self.order(table);
                self.push(&format!(
                    "{alias}:{}(filters:{filters},limit:{count}{order})",
                    table.list
                ));
                self.selection(at, 2);
            }
        }
    }

    /// A filter, as a variable or as it stands.
    fn filters(&mut self, table: usize) -> String {
        let known = self
            .declared
            .iter()
            .find(|(_, of)| *of == table)
            .map(|(name, _)| name.clone());
        match (self.random.below(4), known) {
            (0 | 1, Some(name)) => format!("${name}"),
            (0..3, _) if self.variables_room > 64 => {
                let room = self.random.size(self.variables_room / 2);
                let value = filter(self.random, table, room);
                self.variables_room = self.variables_room.saturating_sub(value.to_string().len());
                let name = format!("f{}", self.declared.len());
                self.variables.insert(name.clone(), value);
                self.declared.push((name.clone(), table));
                format!("${name}")
            }
            _ => {
                let left = self.room.saturating_sub(self.text.len());
                let room = self.random.size((left / 4).max(1));
                literal(&filter(self.random, table, room))
            }
        }
    }

    fn order(&mut self, table: &Table) -> String {
        if self.random.chance(50) {
            return String::new();
        }
        let count = 1 + self.random.size(20);
        let keys: Vec<String> = (0..count)
            .map(|_| {
                let column = self.random.pick(table.columns).0;
                format!("{{{column}:{}}}", self.random.pick(&["ASC", "DESC", "ASC_NULLS_FIRST"]))
            })
            .collect();
        format!(",orderBy:[{}]", keys.join(","))
    }

    fn selection(&mut self, table: usize, depth: usize) {
        self.push("{__typename");
        let fields = 1 + self.random.size(self.width);
        for _ in 0..fields {
            if self.is_full() {
                break;
            }
            self.push(" ");
            self.field(table, depth);
        }
        self.push("}");
    }

    fn field(&mut self, at: usize, depth: usize) {
        let table = &TABLES[at];
        let is_deep = depth >= self.deepest;
        match self.random.below(100) {
            60..72 if !is_deep && !table.ones.is_empty() => {
                let (name, target) = *self.random.pick(table.ones);
                self.push(name);
                self.selection(target, depth + 1);
            }
            72..82 if !is_deep && !table.lists.is_empty() => {
                let (name, target) = *self.random.pick(table.lists);
                let (alias, count) = (self.alias(), 1 + self.random.size(9));
                self.push(&format!("{alias}:{name}(limit:{count})"));
                self.selection(target, depth + 1);
            }
            82..86 if !table.lists.is_empty() => {
                let (name, _) = *self.random.pick(table.lists);
                self.push(&format!("{name}Aggregate{{count}}"));
            }
            86..92 => self.spread(at, 0),
            92..96 if !is_deep => {
                self.push(&format!("...on {}", table.name));
                self.selection(at, depth + 1);
            }
            96 => self.push("nothing"),
            97..99 if !table.computed.is_empty() => {
                let name = *self.random.pick(table.computed);
                self.push(name);
            }
            _ => self.column(table),
        }
    }

    fn column(&mut self, table: &Table) {
        let name = self.random.pick(table.columns).0;
        if self.random.chance(5) {
            let alias = self.alias();
            self.push(&format!("{alias}:"));
        }
        self.push(name);
        if self.random.chance(3) {
            self.push(" @include(if:true)");
        }
    }

    /// Spreads a fragment on a table with at least this number.
    fn spread(&mut self, table: usize, least: usize) {
        let number = least + self.random.below((FRAGMENTS - least) as u64) as usize;
        self.spread.insert((table, number));
        self.push(&format!("...{}{number}", TABLES[table].name));
    }

    /// Writes each fragment that is spread; it spreads only those with larger numbers, so that there is no circle.
    fn fragments(&mut self) {
        let mut written = BTreeSet::new();
        while let Some(&(table, number)) = self.spread.difference(&written).next() {
            written.insert((table, number));
            let name = TABLES[table].name;
            self.push(&format!(
                " fragment {name}{number} on {name}{{{}",
                TABLES[table].columns[0].0
            ));
            for _ in 0..self.random.below(6) {
                self.push(" ");
                match number + 1 {
                    next if next < FRAGMENTS && self.random.chance(60) => self.spread(table, next),
                    _ => self.column(&TABLES[table]),
                }
            }
            self.push("}");
        }
    }

    fn alias(&mut self) -> String {
        self.aliases += 1;
        format!("a{}", self.aliases)
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }
}
