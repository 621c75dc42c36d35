//! Where Rust code reads from: a database, a transaction, or whichever its resolver belongs to.

use std::sync::Arc;

use async_graphql::Context;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::transaction::OperationTransaction;
use super::{EngineParts, Tx};
use crate::execute::{self, BindValue, Database, ExecuteError, RowSink};
use crate::plan::Plan;
use crate::sql::Dialect;

/// Where Rust code reads rows from: a database, or a transaction.
pub trait Source: Sync {
    /// How the database spells SQL.
    fn dialect(&self) -> &'static Dialect;

    /// Runs a plan of one level and hands each row over.
    fn rows<'a>(
        &'a self,
        plan: &'a Plan,
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
        plan: &'a Plan,
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
        plan: &'a Plan,
        values: &'a [BindValue],
        sink: &'a mut dyn RowSink,
    ) -> BoxFuture<'a, Result<(), ExecuteError>> {
        async move {
            let outcome = self
                .open()
                .await?
                .rows(&plan.levels[0].statement, values, None, sink)
                .await;
            self.noting(outcome)
        }
        .boxed()
    }
}

/// Where a resolver reads from: the transaction of its operation, so that it sees what was written there, or the
/// database.
#[derive(Debug, Clone)]
pub enum Reader {
    /// Outside of a mutation.
    Database(Database),
    /// Inside of one.
    Transaction(Tx),
}

impl Reader {
    /// The reader of a resolver.
    pub fn of(context: &Context<'_>) -> async_graphql::Result<Self> {
        Ok(match context.data_opt::<Arc<OperationTransaction>>() {
            Some(operation) => Self::Transaction(operation.tx.clone()),
            None => Self::Database(context.data::<Arc<EngineParts>>()?.database.clone()),
        })
    }

    /// The database, whatever the operation wrote: for what takes its time, and is not to hold a transaction open.
    pub fn outside(context: &Context<'_>) -> async_graphql::Result<Self> {
        Ok(Self::Database(context.data::<Arc<EngineParts>>()?.database.clone()))
    }
}

impl Source for Reader {
    fn dialect(&self) -> &'static Dialect {
        match self {
            Self::Database(database) => database.dialect(),
            Self::Transaction(tx) => Source::dialect(tx),
        }
    }

    fn rows<'a>(
        &'a self,
        plan: &'a Plan,
        values: &'a [BindValue],
        sink: &'a mut dyn RowSink,
    ) -> BoxFuture<'a, Result<(), ExecuteError>> {
        match self {
            Self::Database(database) => Source::rows(database, plan, values, sink),
            Self::Transaction(tx) => Source::rows(tx, plan, values, sink),
        }
    }
}
