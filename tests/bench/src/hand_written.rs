//! The reference server: axum, a pipelining driver, and one prepared statement per query, whose text is the answer.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::post;
use tokio_postgres::{Client, NoTls, Statement};

use crate::queries::{QUERIES, Reference};

struct Connections {
    clients: Vec<(Client, Vec<Statement>)>,
    next: AtomicUsize,
}

pub(crate) async fn serve(
    url: &str,
    connections: usize,
    address: SocketAddr,
) -> Result<(), Box<dyn std::error::Error>> {
    let mut clients = Vec::new();
    for _ in 0..connections {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);

        let mut statements = Vec::new();
        for query in QUERIES {
            if let Reference::Sql(sql) = query.sql {
                statements.push(client.prepare(sql).await?);
            }
        }

        clients.push((client, statements));
    }

    let state = Arc::new(Connections {
        clients,
        next: AtomicUsize::new(0),
    });
    let app = Router::new().route("/q/{number}", post(answer)).with_state(state);
    axum::serve(tokio::net::TcpListener::bind(address).await?, app).await?;
    Ok(())
}

async fn answer(State(state): State<Arc<Connections>>, Path(number): Path<usize>) -> impl IntoResponse {
    let (client, statements) = &state.clients[state.next.fetch_add(1, Ordering::Relaxed) % state.clients.len()];
    let body: String = match client.query_one(&statements[number], &[]).await {
        Ok(row) => row.get(0),
        Err(error) => format!("{{\"errors\":[{{\"message\":\"{error}\"}}]}}"),
    };
    ([(header::CONTENT_TYPE, "application/json")], body)
}
