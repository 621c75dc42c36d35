//! A served registry and a client that asks it over real HTTP.

use std::net::SocketAddr;
use std::sync::Arc;

use runtime::{Registry, ServerConfig};
use serde_json::Value;

/// Asks a server of the tests. The server ends with the last client.
#[derive(Debug, Clone)]
pub struct Client {
    /// `http://127.0.0.1:PORT`
    pub base: String,
    /// For requests of other shapes.
    pub http: reqwest::Client,
    _stop: Arc<tokio::sync::oneshot::Sender<()>>,
}

/// Serves a registry on a free port.
pub async fn serve(registry: Arc<Registry>) -> Client {
    serve_with(registry, ServerConfig::new()).await
}

/// The same with a configuration, whose address does not count. Without keys the management API is open.
pub async fn serve_with(registry: Arc<Registry>, config: ServerConfig) -> Client {
    let config = if config.api_keys.is_empty() {
        config.open_management()
    } else {
        config
    };
    serve_as_configured(registry, config).await
}

/// The same with nothing but the address changed.
pub async fn serve_as_configured(registry: Arc<Registry>, config: ServerConfig) -> Client {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address: SocketAddr = listener.local_addr().expect("its address");
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let config = config.listen(address);
    drop(listener);
    let (ready, is_ready) = tokio::sync::oneshot::channel();
    tokio::spawn(async move {
        let server = runtime::testing::serve_registry(config, registry, async {
            let _ = stopped.await;
        });
        let _ = ready.send(());
        server.await.expect("the server");
    });
    is_ready.await.expect("the server");
    let client = Client {
        base: format!("http://{address}"),
        http: reqwest::Client::new(),
        _stop: Arc::new(stop),
    };
    // The listener is bound in the server's first step; a refused connection means that it has not come to it yet.
    while client.http.get(format!("{}/livez", client.base)).send().await.is_err() {
        tokio::task::yield_now().await;
    }
    client
}

impl Client {
    /// Sends a query by POST and returns status and answer.
    pub async fn post(&self, schema: &str, body: Value) -> (u16, Value) {
        let url = format!("{}/graphql/{schema}/", self.base);
        let response = self.http.post(url).json(&body).send().await.expect("an answer");
        let status = response.status().as_u16();
        (status, response.json().await.expect("JSON"))
    }

    /// Calls the management API below `/api/v1` and returns status and answer.
    pub async fn rest(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let method = method.parse().expect("a method");
        let mut request = self.http.request(method, format!("{}/api/v1{path}", self.base));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.expect("an answer");
        assert_eq!(response.headers()["content-type"], "application/json");
        (response.status().as_u16(), response.json().await.expect("JSON"))
    }

    /// The `data` of a query that has no errors.
    pub async fn data(&self, schema: &str, query: &str) -> Value {
        let (_, mut answer) = self.post(schema, serde_json::json!({ "query": query })).await;
        assert_eq!(answer.get("errors"), None, "{query}");
        answer["data"].take()
    }
}
