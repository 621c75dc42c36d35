//! Comparisons of texts, exact whatever the collation of the column.

use super::SqlWriter;
use super::keys::in_list;
use super::operand::Operand;
use crate::dialect::Texts;
use crate::planner::{Case, Comparison, Expression, Select};
use crate::sql::Bind;
use meta::Kind;

/// Writes a comparison that is specific to texts, and returns whether it did.
pub(super) fn compare(
    writer: &mut SqlWriter<'_>,
    select: &Select,
    left: &Operand<'_>,
    comparison: Comparison,
    parameter: usize,
) -> bool {
    let mut text = Text {
        writer,
        select,
        left,
        parameter,
    };
    match text.writer.dialect.capability.texts {
        Texts::Exact => text.exact(comparison),
        Texts::Collated => text.collated(comparison),
        Texts::Binary => text.plain(comparison),
    }
}

struct Text<'a, 'd> {
    writer: &'a mut SqlWriter<'d>,
    select: &'a Select,
    left: &'a Operand<'a>,
    parameter: usize,
}

impl Text<'_, '_> {
    fn raw(&mut self, sql: &'static str) -> &mut Self {
        self.writer.raw(sql);
        self
    }

    /// Writes the value.
    fn column(&mut self) -> &mut Self {
        // Cast to another text type it would lose its trailing blanks.
        let is_padded = self
            .select
            .sql_type(self.left.expression)
            .is_some_and(|ty| ty.name == "bpchar");
        if is_padded {
            // `concat` of null is the empty text.
            self.writer.raw("CASE WHEN ");
            (self.left.write)(self.writer);
            self.writer.raw(" IS NOT NULL THEN concat(");
        }

        (self.left.write)(self.writer);
        self.writer.raw(if is_padded { ") END" } else { "" });
        if self.writer.dialect.capability.typed_parameters
            && matches!(self.select.kind(self.left.expression), Kind::Unknown)
        {
            self.writer.raw("::text");
        }
        if self.writer.dialect.capability.typed_parameters && self.is_nondeterministic() {
            self.writer.raw(" COLLATE \"C\"");
        }

        self
    }

    /// Whether its collation treats different texts as equal; the database cannot match patterns by such a collation.
    fn is_nondeterministic(&self) -> bool {
        let Expression::Column(reference) = self.left.expression else {
            return false;
        };
        self.select.tables[reference.alias.0].columns[reference.column].nondeterministic
    }

    /// Writes the parameter.
    fn bind(&mut self) -> &mut Self {
        self.writer.bind(Bind::Parameter(self.parameter));
        self
    }

    /// Writes `before value between parameter after`, both in lower case if case does not matter.
    fn call(&mut self, case: Case, before: &'static str, between: &'static str, after: &'static str) {
        if case == Case::Sensitive {
            self.raw(before).column().raw(between).bind().raw(after);
        } else {
            // This matches an index over `lower(column)` of any text type. The cast also ensures that no function of
            // the same name for another text type, found through the search path, is called instead.
            let text = if self.writer.dialect.capability.typed_parameters {
                "::text)"
            } else {
                ")"
            };
            self.raw(before)
                .raw("LOWER(")
                .column()
                .raw(text)
                .raw(between)
                .raw("LOWER(")
                .bind()
                .raw(")")
                .raw(after);
        }
    }

    fn exact(&mut self, comparison: Comparison) -> bool {
        match comparison {
            Comparison::Equal if self.is_nondeterministic() => {
                // The first part can use an index, the second is exact.
                self.raw("(");
                (self.left.write)(self.writer);
                self.raw(" = ").bind().raw(" AND ").column().raw(" = ").bind().raw(")");
            }
            Comparison::NotEqual if self.is_nondeterministic() => {
                self.column().raw(" <> ").bind();
            }
            Comparison::In | Comparison::NotIn if self.is_nondeterministic() => {
                self.column();
                in_list(
                    self.writer,
                    Kind::Text,
                    None,
                    self.parameter,
                    comparison == Comparison::NotIn,
                );
            }
            Comparison::Contains(case) => self.call(case, "strpos(", ", ", ") > 0"),
            Comparison::StartsWith(case) => self.call(case, "starts_with(", ", ", ")"),
            Comparison::EndsWith(case) => {
                // `right(text, 0)` is the empty text, and every text ends with it.
                self.call(case, "right(", ", length(", "::text))");
                self.raw(" = ");
                if case == Case::Sensitive {
                    self.bind()
                } else {
                    self.raw("LOWER(").bind().raw(")")
                };
            }
            Comparison::Like(Case::Sensitive) => self.call(Case::Sensitive, "", " LIKE ", ""),
            Comparison::Like(Case::Insensitive) => self.call(Case::Sensitive, "", " ILIKE ", ""),
            Comparison::Regex(Case::Sensitive) => self.call(Case::Sensitive, "", " ~ ", ""),
            Comparison::Regex(Case::Insensitive) => self.call(Case::Sensitive, "", " ~* ", ""),
            Comparison::Words => {
                // The column is a `tsvector`, not a text. An empty search matches every row.
                self.raw("(").bind().raw("::text = '' OR ");
                (self.left.write)(self.writer);
                self.raw(" @@ websearch_to_tsquery(").bind().raw("::text))");
            }
            _ => return false,
        }
        true
    }

    /// Writes the value's characters as bytes; the parameter's are `utf8mb4`, the connection's character set.
    fn bytes(&mut self, case: Case) -> &mut Self {
        let (open, close) = if case == Case::Sensitive {
            ("", "")
        } else {
            ("LOWER(", ")")
        };
        self.raw("CAST(")
            .raw(open)
            .raw("CONVERT(")
            .column()
            .raw(" USING utf8mb4)")
            .raw(close)
            .raw(" AS BINARY)")
    }

    fn parameter_bytes(&mut self, case: Case) -> &mut Self {
        let (open, close) = if case == Case::Sensitive {
            ("", "")
        } else {
            ("LOWER(", ")")
        };
        self.raw("CAST(")
            .raw(open)
            .raw("CONVERT(")
            .bind()
            .raw(" USING utf8mb4)")
            .raw(close)
            .raw(" AS BINARY)")
    }

    fn collated(&mut self, comparison: Comparison) -> bool {
        match comparison {
            Comparison::Equal => {
                // The first part can use an index, the second is exact.
                self.raw("(").column().raw(" = ").bind().raw(" AND ");
                self.bytes(Case::Sensitive)
                    .raw(" = ")
                    .parameter_bytes(Case::Sensitive)
                    .raw(")");
            }
            Comparison::NotEqual => {
                self.bytes(Case::Sensitive).raw(" <> ").parameter_bytes(Case::Sensitive);
            }
            Comparison::In | Comparison::NotIn => {
                // A binary collation still ignores trailing spaces; bytes do not.
                self.bytes(Case::Sensitive);
                in_list(
                    self.writer,
                    Kind::Text,
                    None,
                    self.parameter,
                    comparison == Comparison::NotIn,
                );
            }
            Comparison::Contains(case) => {
                self.raw("LOCATE(")
                    .parameter_bytes(case)
                    .raw(", ")
                    .bytes(case)
                    .raw(") > 0");
            }
            Comparison::StartsWith(case) => {
                self.raw("LEFT(")
                    .bytes(case)
                    .raw(", LENGTH(")
                    .parameter_bytes(case)
                    .raw(")) = ")
                    .parameter_bytes(case);
            }
            Comparison::EndsWith(case) => {
                self.raw("RIGHT(")
                    .bytes(case)
                    .raw(", LENGTH(")
                    .parameter_bytes(case)
                    .raw(")) = ")
                    .parameter_bytes(case);
            }
            Comparison::Like(case) => {
                let (open, close) = if case == Case::Sensitive {
                    ("", "")
                } else {
                    ("LOWER(", ")")
                };
                self.raw(open)
                    .raw("CONVERT(")
                    .column()
                    .raw(" USING utf8mb4)")
                    .raw(close);
                self.raw(" COLLATE utf8mb4_bin LIKE ").raw(open).bind().raw(close);
            }
            Comparison::Regex(case) => {
                self.raw("CONVERT(").column().raw(" USING utf8mb4) COLLATE ");
                self.raw(if case == Case::Sensitive {
                    "utf8mb4_bin"
                } else {
                    "utf8mb4_general_ci"
                });
                self.raw(" REGEXP ").bind();
            }
            _ => return false,
        }
        true
    }

    fn plain(&mut self, comparison: Comparison) -> bool {
        match comparison {
            Comparison::Equal if self.is_nondeterministic() => {
                self.raw("(").column().raw(" = ").bind().raw(" AND ");
                self.column().raw(" = ").bind().raw(" COLLATE BINARY)");
            }
            Comparison::NotEqual if self.is_nondeterministic() => {
                self.column().raw(" <> ").bind().raw(" COLLATE BINARY");
            }
            Comparison::In if self.is_nondeterministic() => {
                self.raw("(").column();
                in_list(self.writer, Kind::Text, None, self.parameter, false);
                self.raw(" AND ").column().raw(" COLLATE BINARY");
                in_list(self.writer, Kind::Text, None, self.parameter, false);
                self.raw(")");
            }
            Comparison::NotIn if self.is_nondeterministic() => {
                self.column().raw(" COLLATE BINARY");
                in_list(self.writer, Kind::Text, None, self.parameter, true);
            }
            Comparison::Contains(case) => self.call(case, "instr(", ", ", ") > 0"),
            Comparison::StartsWith(case) => {
                self.call(case, "substr(", ", 1, length(", "))");
                self.raw(" = ");
                if case == Case::Sensitive {
                    self.bind()
                } else {
                    self.raw("LOWER(").bind().raw(")")
                };
            }
            Comparison::EndsWith(case) => {
                // `substr(text, -0)` is the whole text.
                self.raw("(length(")
                    .bind()
                    .raw(") = 0 AND ")
                    .column()
                    .raw(" IS NOT NULL OR ");
                self.call(case, "substr(", ", -length(", "))");
                self.raw(" = ");
                if case == Case::Sensitive {
                    self.bind()
                } else {
                    self.raw("LOWER(").bind().raw(")")
                };
                self.raw(")");
            }
            // `LIKE` ignores the case of ASCII letters. `GLOB` does not; the parameter is bound in `GLOB`'s syntax.
            Comparison::Like(Case::Sensitive) => self.call(Case::Sensitive, "", " GLOB ", ""),
            Comparison::Like(Case::Insensitive) => self.call(Case::Sensitive, "", " LIKE ", " ESCAPE '\\'"),
            Comparison::Regex(Case::Sensitive) => self.call(Case::Sensitive, "", " REGEXP ", ""),
            Comparison::Regex(Case::Insensitive) => self.call(Case::Sensitive, "", " REGEXP '(?i)' || ", ""),
            _ => return false,
        }
        true
    }
}
