//! A request, as the transport sees it.

use async_graphql::Variables;

use plan::viewer::Viewer;

/// A GraphQL request.
#[derive(Default)]
pub struct Request {
    /// The document.
    pub query: String,
    /// The operation to execute; required if the document has several.
    pub operation_name: Option<String>,
    /// The values of its variables.
    pub variables: Variables,
    /// Whether only queries are allowed, as over HTTP GET.
    pub query_only: bool,
    /// The caller as policies see it.
    pub viewer: Viewer,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Variables may hold personal data or secrets.
        f.debug_struct("Request")
            .field("query", &self.query)
            .finish_non_exhaustive()
    }
}
