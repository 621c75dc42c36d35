//! Sources of rows for Rust code: a database, or a transaction.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::Tx;
use crate::execute::{self, Database, ExecuteError, RowSink};
use plan::dialect::Dialect;
use plan::sql::CompiledPlan;
use plan::value::BindValue;

/// A source that Rust code reads rows from: a database or a transaction.
pub trait Source: Sync {
    /// The database's SQL dialect.
    fn dialect(&self) -> &'static Dialect;

    /// Runs a plan of one level and passes each row to `sink`.
    fn rows<'a>(
        &'a self,
        plan: &'a CompiledPlan,
        values: &'a [BindValue],
        sink: &'a mut dyn RowSink,
    ) -> BoxFuture<'a, Result<(), ExecuteError>>;
}

impl Source for Database {
    fn dialect(&self) -> &'static Dialect {
        Self::dialect(self)
    }

    fn rows<'a>(
        &'a self,
        plan: &'a CompiledPlan,
        values: &'a [BindValue],
        sink: &'a mut dyn RowSink,
    ) -> BoxFuture<'a, Result<(), ExecuteError>> {
        execute::rows(self, plan, values, sink).boxed()
    }
}

impl Source for Tx {
    fn dialect(&self) -> &'static Dialect {
        self.database().dialect()
    }

    fn rows<'a>(
        &'a self,
        plan: &'a CompiledPlan,
        values: &'a [BindValue],
        sink: &'a mut dyn RowSink,
    ) -> BoxFuture<'a, Result<(), ExecuteError>> {
        async move {
            let outcome = self.open().await?.rows(&plan.statements[0], values, None, sink).await;
            self.record_statement(outcome)
        }
        .boxed()
    }
}
