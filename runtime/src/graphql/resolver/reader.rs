//! Where a resolver reads from.

use std::sync::Arc;

use async_graphql::Context;
use futures_util::future::BoxFuture;
use plan::dialect::Dialect;
use plan::sql::CompiledPlan;
use plan::value::BindValue;
use rows::{Database, ExecuteError, RowSink, Source, Tx};

use crate::graphql::mutation::transaction::OperationTransaction;
use crate::graphql::parts::EngineParts;

/// The source of a resolver: the transaction of its operation, so that it sees what was written there, or the
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

    /// The database, which does not show what the operation wrote: for slow reads that must not hold a transaction
    /// open.
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
        plan: &'a CompiledPlan,
        values: &'a [BindValue],
        sink: &'a mut dyn RowSink,
    ) -> BoxFuture<'a, Result<(), ExecuteError>> {
        match self {
            Self::Database(database) => Source::rows(database, plan, values, sink),
            Self::Transaction(tx) => Source::rows(tx, plan, values, sink),
        }
    }
}
