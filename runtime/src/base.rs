//! A query root that any schema can share: whether the program is well, its version, and who asks.

use async_graphql::{Context, Object, SimpleObject};

use crate::graphql::EngineParts;
use plan::viewer::Viewer;

/// `health`, `version` and `viewer`: `definition.builder(|schema| schema.query(Base::new(env!("CARGO_PKG_VERSION"))))`.
#[derive(Debug, Clone)]
pub struct Base {
    version: String,
}

impl Base {
    /// With the program's version.
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

/// Who asks, as GraphQL shows it.
#[derive(SimpleObject)]
#[graphql(name = "Viewer")]
struct ShownViewer {
    /// The caller's id; null for the anonymous.
    id: Option<String>,
    /// The caller's roles.
    roles: Vec<String>,
    /// Whether the caller belongs to those who run the program.
    is_staff: bool,
}

#[Object]
impl Base {
    /// `ok` while the database answers.
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

    /// Who asks.
    async fn viewer(&self, ctx: &Context<'_>) -> ShownViewer {
        let viewer = ctx.data_opt::<Viewer>().cloned().unwrap_or_default();
        ShownViewer {
            id: viewer.id,
            roles: viewer.roles,
            is_staff: viewer.is_staff,
        }
    }
}
