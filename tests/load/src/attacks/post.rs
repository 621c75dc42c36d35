//! Attacks with complete requests, sent by an HTTP client.

use super::{Outcome, judge};

/// A request to a schema.
pub(crate) struct Post {
    schema: &'static str,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Post {
    pub(crate) fn new(schema: &'static str, body: String) -> Self {
        Self {
            schema,
            headers: Vec::new(),
            body,
        }
    }

    /// A request in the usual form: a document and its variables, which are given as JSON text.
    pub(crate) fn graphql(schema: &'static str, document: &str, variables: &str) -> Self {
        let document = serde_json::Value::from(document);
        let body = format!("{{\"query\":{document},\"variables\":{variables}}}");
        Self::new(schema, body).header("content-type", "application/json")
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn body(&self) -> &str {
        &self.body
    }

    /// Sends the request, waits for the answer and judges it.
    pub(crate) async fn send(self, http: &reqwest::Client, base: &str) -> Outcome {
        match self.exchange(http, base).await {
            Ok((status, body)) => judge(status, &body),
            Err(error) if error.is_timeout() => Outcome::Fault("no answer in 65 s".into()),
            Err(error) if error.is_connect() => Outcome::Refused("no connection".into()),
            Err(_) => Outcome::Refused("closed".into()),
        }
    }

    async fn exchange(self, http: &reqwest::Client, base: &str) -> reqwest::Result<(u16, Vec<u8>)> {
        let mut request = http.post(format!("{base}/graphql/{}/", self.schema)).body(self.body);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        let response = request.send().await?;
        let status = response.status().as_u16();
        Ok((status, response.bytes().await?.to_vec()))
    }
}
