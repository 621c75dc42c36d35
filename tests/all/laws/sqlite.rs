//! Types as SQLite programs declare them, and values that no type keeps out.

use super::generate::{Type, keyed, plain};

/// Nothing has to be there.
pub(super) const BEFORE: &[&str] = &["PRAGMA foreign_keys = OFF"];

/// Values of every storage class, for any column.
pub(super) const LOOSE: &[&str] = &[
    "0",
    "-1",
    "2",
    "9223372036854775807",
    "-9223372036854775808",
    "4294967296",
    "1.5",
    "-0.0",
    "1e150",
    "9e999",
    "0.1",
    "'text'",
    "''",
    "'1'",
    "'1.0'",
    "' 1'",
    "x'00ff'",
    "x''",
    "'2024-01-02'",
    "'2024-02-31'",
    "'2024-01-02 03:04:05'",
    "'2024-01-02T03:04:05.678Z'",
    "'2024-01-02T03:04:05+02:00'",
    "'25:00'",
    "1704535200",
    "1704535200000",
    "'{\"a\":1}'",
    "'not json'",
    "'1},{\"x\":2'",
    "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'",
    "'true'",
];

const TEXTS: &[&str] = &[
    "'a'",
    "'A'",
    "'a '",
    "' a'",
    "''",
    "'é'",
    "'e' || char(769)",
    "'%_'",
    "'\\'",
    "'😀'",
    "'\"'",
    "char(10) || char(9)",
    "'1'",
    "'null'",
    "'b'",
    "'ß'",
];

const INTEGERS: &[&str] = &["0", "1", "-1", "2", "2147483647", "-2147483648", "3"];

const MOMENTS: &[&str] = &[
    "'2024-01-02 03:04:05'",
    "'2024-01-02 03:04:05.500000'",
    "'2024-01-02T03:04:05Z'",
    "'2024-01-02T03:04:05.678Z'",
    "'2024-01-02T05:04:05+02:00'",
    "'2024-01-02'",
    "1704535200",
    "'2024-01-02 03:04'",
    "'1969-12-31 23:59:59.999'",
    "'9999-12-31T23:59:59'",
];

pub(super) const TYPES: &[Type] = &[
    keyed("INTEGER", INTEGERS),
    keyed("INT", INTEGERS),
    keyed(
        "BIGINT",
        &[
            "9223372036854775807",
            "-9223372036854775808",
            "0",
            "1",
            "9007199254740993",
        ],
    ),
    plain("TINYINT", &["0", "1", "-5"]),
    keyed("BIGINT UNSIGNED", &["0", "5", "9223372036854775807"]),
    plain("BOOLEAN", &["0", "1", "2", "-1"]),
    plain("REAL", &["0.1", "-0.0", "1.0", "1e150", "9e999", "0.30000000000000004"]),
    plain("DOUBLE PRECISION", &["0.1", "7", "-1e-5"]),
    keyed("NUMERIC", &["0", "1.1", "1.10", "100", "9007199254740993"]),
    keyed(
        "DECIMAL(10, 2)",
        &["0", "1.1", "1.10", "1.005", "99999999.99", "'1.20'"],
    ),
    keyed("TEXT", TEXTS),
    keyed("TEXT COLLATE NOCASE", TEXTS),
    keyed("TEXT COLLATE RTRIM", TEXTS),
    keyed("VARCHAR(10)", TEXTS),
    keyed("CHAR(4)", TEXTS),
    plain("CLOB", TEXTS),
    keyed("BLOB", &["x''", "x'00'", "x'00ff'", "x'616263'"]),
    keyed(
        "DATE",
        &["'2024-02-29'", "'1969-12-31'", "'9999-12-31'", "'0001-01-01'"],
    ),
    plain("TIME", &["'00:00:00'", "'23:59:59.5'", "'12:00'"]),
    keyed("DATETIME", MOMENTS),
    keyed("TIMESTAMP", MOMENTS),
    plain("TIMESTAMPTZ", MOMENTS),
    plain(
        "JSON",
        &[
            "'{\"a\": 1}'",
            "'null'",
            "'[1, 2.50]'",
            "'\"x\"'",
            "'{}'",
            "'{\"b\":1,\"a\":[]}'",
        ],
    ),
    keyed(
        "UUID",
        &[
            "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'",
            "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A12'",
            "x'b0eebc999c0b4ef8bb6d6bb9bd380a13'",
        ],
    ),
    plain("", &["1", "'1'", "1.5", "'a'", "x'61'", "''"]),
    keyed("STRING", &["'a'", "'1'", "'1.50'"]),
    keyed("INTEGER CHECK (1)", INTEGERS),
];
