//! How databases differ, as data. No other module asks which database it is.

/// A database's syntax and capabilities.
#[derive(Debug)]
pub struct Dialect {
    /// Its name in messages.
    pub name: &'static str,
    /// The quote around identifiers; inside of one it is doubled.
    pub quote: char,
    /// Whether placeholders are numbered (`$1`) and may be used again; otherwise each is a `?`.
    pub numbered: bool,
    /// What it can do.
    pub capability: Capability,
}

/// What a database can do.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent abilities, set by name")]
pub struct Capability {
    /// How the parents' keys are passed to a statement.
    pub key_list: KeyList,
    /// How a limit is applied to each parent.
    pub per_parent: PerParent,
    /// Whether a text parameter must be cast to the column's type (`$1::text::numeric`).
    pub typed_parameters: bool,
    /// Whether `OFFSET` requires a `LIMIT`.
    pub offset_needs_limit: bool,
    /// Whether an order can say where nulls sort (`NULLS LAST`).
    pub null_ordering: bool,
    /// How texts are compared exactly.
    pub texts: Texts,
    /// How values inside of JSON are read.
    pub json: Json,
    /// Whether an enum is ordered by the positions of its labels but compared by the labels themselves.
    pub enum_positions: bool,
    /// Whether a column accepts values of any storage class, whatever its type says.
    pub loose_columns: bool,
    /// Whether a boolean is a number: zero is false, all others are true.
    pub numeric_booleans: bool,
    /// Whether it has square roots, and with them `STDDEV_SAMP`.
    pub square_root: bool,
    /// Whether `EXISTS` is compared with 1. SQLite 3.51 turns a bare `EXISTS` into a join and then counts the rows of
    /// an `OFFSET` wrongly; the comparison prevents that.
    pub exists_as_number: bool,
    /// Whether "has such rows" by one column is written with `IN`, which is planned as a join of the two sets even
    /// several levels deep: 0.006 s where `EXISTS` took 0.66 s, four levels of 100,000 rows without an index.
    pub semi_join_by_in: bool,
    /// The clause after a selection that locks its rows; empty where only one transaction writes at a time.
    pub lock: &'static str,
    /// Whether a statement can return the rows that it writes (`RETURNING`).
    pub returning: bool,
    /// The maximum number of parameters of a statement.
    pub parameters: usize,
    /// The maximum number of tables that a statement can join.
    pub joined_tables: usize,
    /// How a statement updates or deletes the rows of a list of keys.
    pub keyed: Keyed,
    /// Whether an error of a foreign key names the key.
    pub names_foreign_key: bool,
}

/// How texts are compared exactly, whatever the collation of their column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Texts {
    /// `=` is exact; `strpos`, `starts_with`, `right`, `~`.
    Exact,
    /// `=` follows the collation, so bytes are compared in addition; `LOCATE`, `REGEXP`.
    Collated,
    /// `=` is exact; `instr`, `substr`, `GLOB` and `REGEXP`.
    Binary,
}

/// How values inside of JSON are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Json {
    /// `doc::jsonb #> path`; the path is a list of keys.
    Operators,
    /// `JSON_EXTRACT(doc, path)`; the path is a text such as `$."a"[0]`.
    Extract,
    /// `doc -> path`, with the same paths.
    Arrow,
}

/// How the parents' keys are passed to a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyList {
    /// `unnest($1::bigint[]) WITH ORDINALITY`
    Unnest,
    /// `JSON_TABLE(?, '$[*]' COLUMNS (...))`
    JsonTable,
    /// `json_each(?)`
    JsonEach,
}

/// How a statement updates or deletes the rows of a list of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keyed {
    /// `UPDATE t SET ... FROM keys k WHERE ...`, `DELETE FROM t USING keys k WHERE ...`
    From,
    /// `UPDATE keys k JOIN t ON ... SET ...`, `DELETE t FROM keys k JOIN t ON ...`
    Join,
    /// `... WHERE (a, b) IN (SELECT ... FROM keys)`
    In,
}

/// How a limit is applied to each parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PerParent {
    /// `CROSS JOIN LATERAL (... LIMIT n)`
    Lateral,
    /// `ROW_NUMBER() OVER (PARTITION BY parent ORDER BY ...)`
    RowNumber,
}

impl Dialect {
    /// PostgreSQL.
    pub const POSTGRES: Self = Self {
        name: "PostgreSQL",
        quote: '"',
        numbered: true,
        capability: Capability {
            key_list: KeyList::Unnest,
            per_parent: PerParent::Lateral,
            typed_parameters: true,
            offset_needs_limit: false,
            null_ordering: true,
            texts: Texts::Exact,
            json: Json::Operators,
            enum_positions: false,
            loose_columns: false,
            numeric_booleans: false,
            square_root: true,
            exists_as_number: false,
            semi_join_by_in: true,
            lock: " FOR NO KEY UPDATE OF t0",
            returning: true,
            parameters: 65_535,
            joined_tables: usize::MAX,
            keyed: Keyed::From,
            names_foreign_key: true,
        },
    };

    /// MySQL and MariaDB.
    pub const MYSQL: Self = Self {
        name: "MySQL",
        quote: '`',
        numbered: false,
        capability: Capability {
            key_list: KeyList::JsonTable,
            per_parent: PerParent::RowNumber,
            typed_parameters: false,
            offset_needs_limit: true,
            null_ordering: false,
            texts: Texts::Collated,
            json: Json::Extract,
            enum_positions: true,
            loose_columns: false,
            numeric_booleans: true,
            square_root: true,
            exists_as_number: false,
            semi_join_by_in: false,
            lock: " FOR UPDATE",
            returning: false,
            parameters: 65_535,
            joined_tables: 61,
            keyed: Keyed::Join,
            names_foreign_key: true,
        },
    };

    /// SQLite.
    pub const SQLITE: Self = Self {
        name: "SQLite",
        quote: '"',
        numbered: false,
        capability: Capability {
            key_list: KeyList::JsonEach,
            per_parent: PerParent::RowNumber,
            typed_parameters: false,
            offset_needs_limit: true,
            null_ordering: true,
            texts: Texts::Binary,
            json: Json::Arrow,
            enum_positions: false,
            loose_columns: true,
            numeric_booleans: true,
            square_root: false,
            exists_as_number: true,
            semi_join_by_in: false,
            lock: "",
            returning: true,
            parameters: 32_766,
            joined_tables: 64,
            keyed: Keyed::In,
            names_foreign_key: false,
        },
    };
}
