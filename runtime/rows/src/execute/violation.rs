//! Writes that a database refuses, without the database's own messages.

use super::{ExecuteError, PostgresError};

/// The kind of constraint that a write violates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ViolationKind {
    /// Another row has the same values in a unique key.
    Unique,
    /// A foreign key refers to a row that does not exist, or rows still refer to one that was to be deleted.
    ForeignKey,
    /// A check constraint does not hold.
    Check,
    /// A value is missing.
    Required,
    /// A text has too many characters.
    TooLong,
    /// A value that its column cannot hold.
    Invalid,
    /// A trigger or function of the database raised an error.
    Raised,
}

/// A write that the database refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The kind of constraint.
    pub kind: ViolationKind,
    /// The columns at fault, by their names in the database, if it reports them.
    pub columns: Vec<String>,
    /// The constraint's name or text, if the database reports it.
    pub constraint: Option<String>,
    /// The table, if the database reports it.
    pub table: Option<String>,
    /// The message that a trigger or function raised.
    pub message: Option<String>,
}

impl ExecuteError {
    /// The violation that made the database refuse the write; `None` for any other failure.
    pub fn violation(&self) -> Option<Violation> {
        match self {
            Self::Postgres(PostgresError::Server(message)) => {
                let kind = match message.code.as_str() {
                    "23505" | "23P01" => ViolationKind::Unique,
                    "23503" | "23001" => ViolationKind::ForeignKey,
                    "23514" => ViolationKind::Check,
                    "23502" => ViolationKind::Required,
                    "22001" => ViolationKind::TooLong,
                    "P0001" => ViolationKind::Raised,
                    // PostGIS has no error code for it.
                    "XX000" if message.message.to_lowercase().contains("geojson") => ViolationKind::Invalid,
                    code if code.starts_with("22") => ViolationKind::Invalid,
                    _ => return None,
                };

                let columns = message.column.clone().map_or_else(
                    || message.detail.as_deref().map(key_columns).unwrap_or_default(),
                    |column| vec![column],
                );
                let (constraint, table) = (message.constraint.clone(), message.table.clone());
                let raised = (kind == ViolationKind::Raised).then(|| message.message.clone());

                Some(Violation {
                    kind,
                    columns,
                    constraint,
                    table,
                    message: raised,
                })
            }
            Self::Database(sqlx::Error::Database(error)) => {
                if let Some(error) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
                    return mysql(error.number(), error.message());
                }
                sqlite(&error.code().unwrap_or_default(), error.message())
            }
            _ => None,
        }
    }

    /// Whether the database rolled a transaction back because of another one.
    pub fn is_serialization_failure(&self) -> bool {
        match self {
            Self::Postgres(error) => matches!(error.code(), Some("40001" | "40P01")),
            Self::Database(sqlx::Error::Database(error)) => error
                .try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>()
                .is_some_and(|error| error.number() == 1213),
            _ => false,
        }
    }

    /// Whether the same writes may succeed if they are retried: after a deadlock, a transaction that could not be
    /// serialized, a lock that was not free in time, or a connection that was lost before the commit.
    pub fn is_conflict(&self) -> bool {
        match self {
            Self::Postgres(PostgresError::Server(message)) => {
                matches!(message.code.as_str(), "40001" | "40P01" | "55P03" | "57P01") || message.is_stale_statement()
            }
            Self::Database(sqlx::Error::Database(error)) => {
                match error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
                    // A deadlock, a row that was changed since it was read, a lock that was not free in time.
                    Some(error) => matches!(error.number(), 1213 | 1020 | 1205),
                    // SQLITE_BUSY and its extended codes.
                    None => error
                        .code()
                        .is_some_and(|code| matches!(code.as_ref(), "5" | "261" | "517")),
                }
            }
            // A connection that was lost before the commit has kept nothing. A lost commit is `OutcomeUnknown`.
            Self::OutcomeUnknown(_)
            | Self::Silent
            | Self::Postgres(PostgresError::Timeout)
            | Self::Down
            | Self::NoConnection => false,
            other => other.is_lost_connection() || other.is_stale_statement(),
        }
    }
}

/// Reads the column names of `Key (a, b)=(1, 2) ...`: those between the first bracket and `)=(`. The rest may be in any
/// language.
fn key_columns(detail: &str) -> Vec<String> {
    let Some((_, rest)) = detail.split_once('(') else {
        return Vec::new();
    };
    let Some((names, _)) = rest.split_once(")=(") else {
        return Vec::new();
    };
    names
        .split(", ")
        .map(|name| name.trim_matches('"').to_owned())
        .collect()
}

/// The quotes that MySQL puts around names; the second one if the session has `ANSI_QUOTES`.
const QUOTES: [char; 2] = ['`', '"'];

/// The text between the first two `quote` characters after `before`.
fn quoted<'m>(message: &'m str, before: &str, quote: char) -> Option<&'m str> {
    let (_, rest) = message.split_once(before)?;
    let (_, rest) = rest.split_once(quote)?;
    rest.split(quote).next()
}

/// Reads the violation from an error's number and message. See "Server Error Message Reference" in the documentation:
/// the texts are the same in every version.
fn mysql(number: u16, message: &str) -> Option<Violation> {
    let none = |kind| Violation {
        kind,
        columns: Vec::new(),
        constraint: None,
        table: None,
        message: None,
    };
    let column = |kind, name: Option<&str>| Violation {
        columns: name.map(str::to_owned).into_iter().collect(),
        ..none(kind)
    };

    Some(match number {
        1062 | 1586 => {
            // `Duplicate entry 'x' for key 'users.username'`; the value may hold quotes.
            let key = message
                .rsplit('\'')
                .nth(1)
                .map(|key| key.rsplit('.').next().unwrap_or(key).to_owned());
            Violation {
                constraint: key,
                ..none(ViolationKind::Unique)
            }
        }
        1216 | 1217 | 1451 | 1452 => {
            let columns = message
                .split_once("FOREIGN KEY (")
                .and_then(|(_, rest)| rest.split_once(')'));
            let columns = columns.map(|(names, _)| names.split(", ").map(|name| name.trim_matches(QUOTES).to_owned()));
            Violation {
                columns: columns.map(Iterator::collect).unwrap_or_default(),
                ..none(ViolationKind::ForeignKey)
            }
        }
        3819 | 4025 => {
            let constraint = quoted(message, "onstraint ", if number == 3819 { '\'' } else { '`' })
                .or_else(|| QUOTES.iter().find_map(|&quote| quoted(message, "CONSTRAINT ", quote)));
            Violation {
                constraint: constraint.map(str::to_owned),
                ..none(ViolationKind::Check)
            }
        }
        1048 | 1364 => column(ViolationKind::Required, message.split('\'').nth(1)),
        1406 => column(
            ViolationKind::TooLong,
            quoted(message, "for column", '\'')
                .or_else(|| QUOTES.iter().find_map(|&quote| quoted(message, "column", quote))),
        ),
        // `SIGNAL SQLSTATE '45000'`.
        1644 => Violation {
            message: Some(message.to_owned()),
            ..none(ViolationKind::Raised)
        },
        // No partition takes the row.
        1526 => none(ViolationKind::Check),
        1264 | 1265 | 1292 | 1366 | 1411 | 3140 => column(
            ViolationKind::Invalid,
            quoted(message, "column", '\'').or_else(|| message.rsplit(QUOTES).nth(1)),
        ),
        _ => return None,
    })
}

/// Reads the violation from an error's extended code and message. See "Result and Error Codes": the primary code is 19,
/// and the message names the columns.
fn sqlite(code: &str, message: &str) -> Option<Violation> {
    let after = |text: &str| message.split_once(text).map(|(_, rest)| rest.trim().to_owned());
    let columns = |text: &str| {
        let list = after(text).unwrap_or_default();
        list.split(", ")
            .filter_map(|name| name.rsplit('.').next())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let found = |kind, columns, constraint| {
        Some(Violation {
            kind,
            columns,
            constraint,
            table: None,
            message: None,
        })
    };

    match code {
        "2067" | "1555" => found(ViolationKind::Unique, columns("failed:"), None),
        "787" | "3850" => found(ViolationKind::ForeignKey, Vec::new(), None),
        "275" => found(ViolationKind::Check, Vec::new(), after("failed:")),
        "1299" => found(ViolationKind::Required, columns("failed:"), None),
        "3091" => found(ViolationKind::Invalid, Vec::new(), after("column ")),
        // `RAISE(ABORT, '...')` of a trigger.
        "1811" => {
            let raised = found(ViolationKind::Raised, Vec::new(), None)?;
            Some(Violation {
                message: Some(message.to_owned()),
                ..raised
            })
        }
        "18" => found(ViolationKind::TooLong, Vec::new(), None),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_read_from_any_language() {
        assert_eq!(
            key_columns("Key (order_id, \"Größe\")=(1, 2) already exists."),
            ["order_id", "Größe"]
        );
        assert_eq!(key_columns("Schlüssel (a)=(x) existiert bereits."), ["a"]);
        assert_eq!(key_columns("nothing"), [""; 0]);
    }

    #[test]
    fn mysql_messages_are_read() {
        let key = |message| mysql(1062, message).expect("a violation").constraint;
        assert_eq!(
            key("Duplicate entry 'a'b' for key 'users.username'").as_deref(),
            Some("username")
        );
        assert_eq!(key("Duplicate entry '1' for key 'PRIMARY'").as_deref(), Some("PRIMARY"));

        let foreign = mysql(
            1452,
            "Cannot add or update a child row: a foreign key constraint fails (`s`.`o`, CONSTRAINT `o_1` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`))",
        );
        assert_eq!(foreign.expect("a violation").columns, ["user_id"]);

        let check = |number, message| mysql(number, message).expect("a violation").constraint;
        assert_eq!(
            check(3819, "Check constraint 'rating_range' is violated.").as_deref(),
            Some("rating_range")
        );
        assert_eq!(
            check(4025, "CONSTRAINT `reviews.rating` failed for `s`.`reviews`").as_deref(),
            Some("reviews.rating")
        );

        let long = mysql(1406, "Data too long for column 'name' at row 1").expect("a violation");
        assert_eq!(
            (long.kind, long.columns),
            (ViolationKind::TooLong, vec!["name".to_owned()])
        );
    }
}
