//! The only place that writes SQL text. It keeps keywords, identifiers and parameters apart.

use crate::dialect::Dialect;
use crate::sql::{Bind, Statement, StatementKind};
use meta::Table;

/// Writes one statement.
pub struct SqlWriter<'d> {
    /// The dialect in which it is written.
    pub dialect: &'d Dialect,
    sql: String,
    binds: Vec<Bind>,
}

impl<'d> SqlWriter<'d> {
    /// An empty statement.
    pub fn new(dialect: &'d Dialect) -> Self {
        Self {
            dialect,
            sql: String::with_capacity(256),
            binds: Vec::new(),
        }
    }

    /// Appends keywords and punctuation, only from this program's own text.
    pub fn raw(&mut self, sql: &'static str) -> &mut Self {
        self.sql.push_str(sql);
        self
    }

    /// Appends a number of this program: an alias, a slot, a limit.
    pub fn number(&mut self, number: usize) -> &mut Self {
        self.sql.push_str(itoa::Buffer::new().format(number));
        self
    }

    /// Appends a quoted identifier.
    pub fn identifier(&mut self, name: &str) -> &mut Self {
        let quote = self.dialect.quote;
        self.sql.push(quote);
        for character in name.chars() {
            if character == quote {
                self.sql.push(quote);
            }
            self.sql.push(character);
        }
        self.sql.push(quote);
        self
    }

    /// Appends a table's name with its namespace.
    pub fn table(&mut self, table: &Table) -> &mut Self {
        self.named(table.namespace, table.name)
    }

    /// Appends a name with its namespace, if it has one.
    pub fn named(&mut self, namespace: Option<&str>, name: &str) -> &mut Self {
        if let Some(namespace) = namespace {
            self.identifier(namespace).raw(".");
        }
        self.identifier(name)
    }

    /// Appends a placeholder. Where placeholders are numbered, equal ones share a number.
    pub fn bind(&mut self, bind: Bind) -> &mut Self {
        if !self.dialect.numbered {
            self.binds.push(bind);
            return self.raw("?");
        }

        let known = self.binds.iter().position(|known| *known == bind);
        let number = known.unwrap_or_else(|| {
            self.binds.push(bind);
            self.binds.len() - 1
        });
        self.raw("$").number(number + 1)
    }

    /// Writes items with a separator between them.
    pub fn list<T>(
        &mut self,
        separator: &'static str,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T),
    ) -> &mut Self {
        for (at, item) in items.into_iter().enumerate() {
            if at > 0 {
                self.raw(separator);
            }
            write(self, item);
        }
        self
    }

    /// The finished statement.
    pub fn finish(self, kind: StatementKind) -> Statement {
        Statement {
            kind,
            sql: self.sql.into(),
            binds: self.binds,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_in_names_are_doubled() {
        for (dialect, expected) in [
            (&Dialect::POSTGRES, "\"a\"\"b`c\""),
            (&Dialect::MYSQL, "`a\"b``c`"),
            (&Dialect::SQLITE, "\"a\"\"b`c\""),
        ] {
            let mut writer = SqlWriter::new(dialect);
            writer.identifier("a\"b`c");
            assert_eq!(&*writer.finish(StatementKind::Read).sql, expected);
        }
    }

    #[test]
    fn equal_parameters_share_a_number_where_there_are_numbers() {
        let text = |dialect| {
            let mut writer = SqlWriter::new(dialect);
            for bind in [Bind::Parameter(7), Bind::Keys(0), Bind::Parameter(7)] {
                writer.bind(bind).raw(" ");
            }
            writer.finish(StatementKind::Read)
        };
        assert_eq!(&*text(&Dialect::POSTGRES).sql, "$1 $2 $1 ");
        assert_eq!(text(&Dialect::POSTGRES).binds.len(), 2);
        assert_eq!(&*text(&Dialect::MYSQL).sql, "? ? ? ");
        assert_eq!(text(&Dialect::MYSQL).binds.len(), 3);
    }
}
