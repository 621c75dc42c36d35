//! A query root that any schema can include: the program's health, its version, and the caller.

use async_graphql::{Context, Object, SimpleObject};

use crate::graphql::EngineParts;
use plan::viewer::Viewer;

/// `health`, `version` and `viewer`: `definition.builder(|schema| schema.query(Base::new(env!("CARGO_PKG_VERSION"))))`.
#[derive(Debug, Clone)]
pub struct Base {
    version: String,
}

impl Base {
    /// A root that shows this version of the program.
    pub fn new(version: impl Into<String>) -> Self {
        Self {
            version: version.into(),
        }
    }
}

impl Default for Base {
    fn default() -> Self {
        Self::new(env!("CARGO_PKG_VERSION"))
    }
}

/// The caller of the request.
#[derive(SimpleObject)]
#[graphql(name = "Viewer")]
struct ShownViewer {
    /// The caller's id; null if the caller is not signed in.
    id: Option<String>,
    /// The caller's roles.
    roles: Vec<String>,
    /// Whether the caller is one of the program's operators.
    is_staff: bool,
}

#[Object]
impl Base {
    /// `ok` if the database responds, otherwise what is wrong.
    async fn health(&self, ctx: &Context<'_>) -> &'static str {
        let Ok(parts) = ctx.data::<std::sync::Arc<EngineParts>>() else {
            return "unknown";
        };
        if parts.database.ping().await.is_ok() {
            "ok"
        } else {
            "database unavailable"
        }
    }

    /// The program's version.
    async fn version(&self) -> &str {
        &self.version
    }

    /// The caller of this request.
    async fn viewer(&self, ctx: &Context<'_>) -> ShownViewer {
        let viewer = ctx.data_opt::<Viewer>().cloned().unwrap_or_default();
        ShownViewer {
            id: viewer.id,
            roles: viewer.roles,
            is_staff: viewer.is_staff,
        }
    }
}
