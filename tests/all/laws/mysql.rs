//! Types of MariaDB, with values at their edges.

use super::generate::{Type, keyed, plain};

/// What is set before the tables are made: days that no calendar has are taken.
pub(super) const BEFORE: &[&str] = &[
    "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES'",
    "SET NAMES utf8mb4",
];

const TEXTS: &[&str] = &[
    "'a'",
    "'A'",
    "'a '",
    "' a'",
    "''",
    "'é'",
    "CONVERT(x'65cc81' USING utf8mb4)",
    "'%_'",
    "'\\\\'",
    "'😀'",
    "'\"'",
    "'\\n\\t'",
    "'1'",
    "'null'",
    "'b'",
    "'ß'",
    "'ss'",
];

const BYTES: &[&str] = &["x''", "x'00'", "x'00ff'", "x'5c27'", "'abc'", "'ABC'"];

pub(super) const TYPES: &[Type] = &[
    keyed("tinyint", &["-128", "127", "0", "1", "2"]),
    plain("tinyint(1)", &["0", "1", "2", "-1"]),
    plain("boolean", &["0", "1"]),
    keyed("tinyint unsigned", &["0", "255", "1"]),
    keyed("smallint", &["-32768", "32767", "0", "1"]),
    keyed("smallint unsigned", &["0", "65535"]),
    keyed("mediumint", &["-8388608", "8388607", "0"]),
    keyed("int", &["-2147483648", "2147483647", "0", "1", "2", "3"]),
    keyed("int(5) unsigned zerofill", &["0", "4294967295", "7"]),
    keyed(
        "bigint",
        &[
            "-9223372036854775808",
            "9223372036854775807",
            "0",
            "1",
            "9007199254740993",
        ],
    ),
    keyed(
        "bigint unsigned",
        &["0", "18446744073709551615", "9223372036854775808", "1"],
    ),
    keyed("decimal(10,3)", &["0", "-0.001", "1.1", "9999999.999"]),
    keyed(
        "decimal(65,30)",
        &[
            "0",
            "1.000000000000000000000000000001",
            "-99999999999999999999999999999999999",
        ],
    ),
    plain("float", &["0.1", "-0.0", "0.333", "1e15", "16777217", "1e-38"]),
    plain("float unsigned", &["0.1", "7.25"]),
    plain(
        "double",
        &["0.1", "-0.0", "0.30000000000000004", "1e150", "1e-300", "1e21"],
    ),
    plain("bit(1)", &["b'0'", "b'1'"]),
    keyed("bit(12)", &["b'0'", "b'101'", "b'111111111111'"]),
    plain("bit(64)", &["b'0'", "0xffffffffffffffff", "1"]),
    keyed("char(5)", TEXTS),
    keyed("varchar(20)", TEXTS),
    keyed(
        "varchar(20) CHARACTER SET latin1",
        &["'a'", "'A'", "'é'", "'ÿ'", "''", "'a '"],
    ),
    keyed("varchar(20) COLLATE utf8mb4_bin", TEXTS),
    keyed("varchar(20) COLLATE utf8mb4_unicode_nopad_ci", TEXTS),
    keyed("varchar(20) CHARACTER SET ucs2", &["'a'", "'A'", "'é'", "''"]),
    plain("tinytext", TEXTS),
    plain("text", TEXTS),
    plain("mediumtext", TEXTS),
    plain("longtext", TEXTS),
    keyed("binary(4)", BYTES),
    keyed("varbinary(8)", BYTES),
    plain("blob", BYTES),
    plain("tinyblob", BYTES),
    keyed(
        "date",
        &[
            "'2024-02-29'",
            "'0000-00-00'",
            "'2024-00-00'",
            "'9999-12-31'",
            "'1000-01-01'",
            "'0001-01-01'",
        ],
    ),
    keyed(
        "datetime",
        &[
            "'2024-02-29 23:59:59'",
            "'0000-00-00'",
            "'2024-00-01 10:00:00'",
            "'9999-12-31 23:59:59'",
            "'2024-01-01'",
        ],
    ),
    keyed(
        "datetime(6)",
        &[
            "'2024-02-29 23:59:59.999999'",
            "'0000-00-00'",
            "'2024-01-01 00:00:00.1'",
            "'2024-01-01'",
        ],
    ),
    keyed("datetime(3)", &["'2024-02-29 23:59:59.999'", "'2024-01-01 00:00:00.1'"]),
    keyed(
        "timestamp NULL",
        &["'2024-02-29 23:59:59'", "'0000-00-00'", "'1970-01-02'", "'2038-01-18'"],
    ),
    plain("timestamp(3) NULL", &["'2024-02-29 23:59:59.123'", "'2024-01-01'"]),
    keyed(
        "time",
        &[
            "'00:00:00'",
            "'838:59:59'",
            "'-838:59:59'",
            "'-00:00:01'",
            "'100:00:00'",
            "'12:00'",
        ],
    ),
    keyed(
        "time(6)",
        &[
            "'00:00:00.000001'",
            "'-01:02:03.5'",
            "'23:59:59.999999'",
            "'838:59:59.999999'",
        ],
    ),
    keyed("year", &["0", "1901", "2155", "2024"]),
    keyed(
        "enum('a','B','c d','','ü','true')",
        &["'a'", "'B'", "'c d'", "''", "'ü'", "'true'"],
    ),
    keyed("set('z','a','b c')", &["''", "'z'", "'a'", "'z,a'", "'z,a,b c'"]),
    plain("json", &["'{\"a\": 1}'", "'null'", "'[1, 2.50]'", "'\"x\"'", "'{}'"]),
    plain("point", &["POINT(1, 2)", "POINT(-0.5, 1e10)"]),
    plain("geometry", &["ST_GeomFromText('LINESTRING(0 0, 1 1)')", "POINT(1, 2)"]),
    plain("polygon", &["ST_GeomFromText('POLYGON((0 0, 1 0, 1 1, 0 0))')"]),
    keyed(
        "uuid",
        &[
            "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'",
            "'A0EEBC99-9C0B-1EF8-BB6D-6BB9BD380A12'",
            "'00000000-0000-0000-0000-000000000000'",
        ],
    ),
    keyed("inet6", &["'::1'", "'fe80::1'", "'::ffff:10.0.0.1'"]),
    keyed("inet4", &["'10.0.0.1'", "'0.0.0.0'"]),
];
