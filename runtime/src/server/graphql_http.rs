//! GraphQL over HTTP.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{ConnectInfo, Query, Request as HttpRequest, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::value::RawValue;

use super::etag::tagged;
use super::graphql_body::{Sent, parse_body, parse_parameters};
use super::media_type::{MediaType, check_json, wants_events, wants_html};
use super::proxies::{Origin, origin};
use super::refusal::Refusal;
use super::{App, body, graphiql};
use crate::computing::{LARGE, run_computation};
use crate::graphql::{Answer, Outcome, Request};
use crate::pipeline::{Rejection, respond};
use crate::registry::{Registered, Registry};
use plan::viewer::Viewer;

/// Answers a `POST` with a JSON body. The request is split by hand, since extractors would copy its headers.
pub(super) async fn post(State(app): State<Arc<App>>, request: HttpRequest) -> Response {
    let (parts, body) = body::prepared(request, app.config.max_body).into_parts();
    match posted(&app, &parts, body).await {
        Ok(response) => response,
        Err(refusal) => refusal.into_response(MediaType::of_refusal(&parts.headers)),
    }
}

async fn posted(app: &App, parts: &Parts, body: axum::body::Body) -> Result<Response, Refusal> {
    let schema = schema(&app.registry, name_in(parts.uri.path()))?;
    let headers = &parts.headers;
    let limit = app.config.max_body;
    let body = body::read(body, limit)
        .await
        .map_err(|error| Refusal::body(error, limit))?;
    check_json(headers).map_err(Refusal::media_type)?;

    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
    let caller = Caller {
        app,
        schema: &schema,
        headers,
        peer,
    };
    if app.config.max_batch > 0 && body.trim_ascii_start().first() == Some(&b'[') {
        return Box::pin(caller.batch(&body)).await;
    }

    let request = run_computation(body.len() > LARGE, async { parse_body(&body) })
        .await
        .map_err(Refusal::bad_request)?;
    drop(body);

    // Boxed, so that the layers around it do not move the whole future inside of their own ones.
    Box::pin(caller.answer(request)).await
}

/// Answers a `GET` with the request in the query string. A browser gets GraphiQL, or the list of schemas if the path
/// names none.
pub(super) async fn get(
    State(app): State<Arc<App>>,
    uri: Uri,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    Query(parameters): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let peer = peer.map(|Extension(info)| info.0);
    let mut response = match got(&app, &uri, peer, parameters, &headers).await {
        Ok(response) => response,
        Err(refusal) => refusal.into_response(MediaType::of_refusal(&headers)),
    };
    // The answer depends on `Accept`: browsers get a page.
    response
        .headers_mut()
        .append(header::VARY, HeaderValue::from_static("accept"));

    response
}

async fn got(
    app: &App,
    uri: &Uri,
    peer: Option<SocketAddr>,
    parameters: HashMap<String, String>,
    headers: &HeaderMap,
) -> Result<Response, Refusal> {
    let name = name_in(uri.path());
    if name.is_none() && wants_html(headers) {
        let schemas = app.registry.schemas();
        if schemas
            .iter()
            .any(|schema| schema.info.enabled && schema.effective.graphiql)
        {
            return Ok(graphiql::list(schemas.iter().map(AsRef::as_ref), uri.path()));
        }
    }

    let schema = schema(&app.registry, name)?;
    let upgrade = headers.get(header::UPGRADE).map_or(&b""[..], HeaderValue::as_bytes);
    if upgrade.eq_ignore_ascii_case(b"websocket") {
        return Err(Refusal::subscriptions(StatusCode::NOT_IMPLEMENTED));
    }

    if wants_html(headers) && schema.effective.graphiql {
        return Ok(graphiql::page(&schema, uri.path()));
    }

    let caller = Caller {
        app,
        schema: &schema,
        headers,
        peer,
    };

    // `Accept` is checked first: a client that waits for events must not get an error about a missing query.
    caller.media_type()?;
    let request = parse_parameters(parameters).map_err(Refusal::bad_request)?;

    Box::pin(caller.answer(request)).await
}

/// Answers a `GET` of the schema's definition (SDL) as text.
pub(super) async fn sdl(State(app): State<Arc<App>>, uri: Uri, headers: HeaderMap) -> Response {
    match defined(&app, &uri, &headers).await {
        Ok(response) => response,
        Err(refusal) => refusal.into_response(MediaType::of_refusal(&headers)),
    }
}

async fn defined(app: &App, uri: &Uri, headers: &HeaderMap) -> Result<Response, Refusal> {
    let schema = schema(&app.registry, name_in(uri.path()))?;
    if !schema.effective.introspection {
        return Err(Refusal::no_introspection());
    }

    let caller = Caller {
        app,
        schema: &schema,
        headers,
        peer: None,
    };
    let viewer = caller.viewer().await?;
    if schema.effective.require_authentication && !viewer.is_authenticated() {
        return Err(Refusal::unauthenticated());
    }

    let engine = schema
        .engine
        .as_ref()
        .ok_or_else(|| Refusal::empty_schema(&schema.info.name))?;

    let mut response = tagged(headers, "text/plain; charset=utf-8", engine.sdl().into_bytes());
    keep_private(&mut response, &viewer);
    Ok(response)
}

/// The schema's name in `/graphql/<name>/`. Valid names need no percent-decoding, so none is done.
fn name_in(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("/graphql/")?;
    rest.split('/').next().filter(|name| !name.is_empty())
}

/// Returns the enabled schema with this name; without a name the default one: `default`, or the first.
fn schema(registry: &Registry, name: Option<&str>) -> Result<Arc<Registered>, Refusal> {
    let found = match name {
        Some(name) => registry.find(name),
        None => registry.find("default").or_else(|| registry.schemas().first().cloned()),
    };
    let name = name.unwrap_or("default");

    match found {
        Some(schema) if schema.info.enabled => Ok(schema),
        Some(_) => Err(Refusal::disabled_schema(name)),
        None => Err(Refusal::unknown_schema(name)),
    }
}

/// The context of a request.
struct Caller<'c> {
    app: &'c App,
    schema: &'c Registered,
    headers: &'c HeaderMap,
    peer: Option<SocketAddr>,
}

impl Caller<'_> {
    /// Returns the viewer; a refusal if the credentials are invalid.
    async fn viewer(&self) -> Result<Viewer, Refusal> {
        match &self.app.config.authenticator {
            None => Ok(Viewer::anonymous()),
            Some(authenticator) => {
                let viewer = authenticator.viewer(self.headers).await;
                viewer.map_err(|error| Refusal::bad_credentials(&error))
            }
        }
    }

    /// The media type that the client prefers.
    fn media_type(&self) -> Result<MediaType, Refusal> {
        if wants_events(self.headers) {
            return Err(Refusal::subscriptions(StatusCode::NOT_ACCEPTABLE));
        }

        MediaType::negotiate(self.headers).ok_or_else(Refusal::not_acceptable)
    }

    async fn answer(self, sent: Sent) -> Result<Response, Refusal> {
        let limit = self.app.config.request_timeout;
        let answer = tokio::time::timeout(limit, self.answer_in_time(sent)).await;

        answer.unwrap_or_else(|_| Err(Refusal::timed_out(limit)))
    }

    async fn answer_in_time(self, sent: Sent) -> Result<Response, Refusal> {
        let media_type = self.media_type()?;
        let viewer = self.known_viewer().await?;
        let is_private = viewer.is_authenticated();
        // A client that introspects the schema by `GET` may cache the answer.
        let is_kept = sent.request.query_only && sent.query.as_ref().is_some_and(|text| text.contains("__schema"));

        let answer = self.respond(viewer, sent).await?;
        if is_kept && !is_private && !answer.has_errors() {
            return Ok(tagged(self.headers, media_type.content_type(), answer.body));
        }

        Ok(finished(media_type, answer, is_private))
    }

    /// Answers several requests in one body, one after another.
    async fn batch(self, body: &[u8]) -> Result<Response, Refusal> {
        let limit = self.app.config.request_timeout;
        let answer = tokio::time::timeout(limit, self.batch_in_time(body)).await;

        answer.unwrap_or_else(|_| Err(Refusal::timed_out(limit)))
    }

    async fn batch_in_time(self, body: &[u8]) -> Result<Response, Refusal> {
        let most = self.app.config.max_batch;
        let list: Vec<&RawValue> = serde_json::from_slice(body)
            .map_err(|error| Refusal::bad_request(format!("The body is not JSON: {error}")))?;
        if list.is_empty() || list.len() > most {
            let message = format!("The body has {} requests; 1 to {most} are allowed", list.len());
            return Err(Refusal::bad_request(message));
        }

        let viewer = self.known_viewer().await?;
        let mut out = vec![b'['];
        for (at, item) in list.iter().enumerate() {
            let answer = match parse_body(item.get().as_bytes()) {
                Ok(sent) => match self.respond(viewer.clone(), sent).await {
                    Err(refusal) if refusal.is_of_one_request() => refusal.into_answer(),
                    answer => answer?,
                },
                Err(message) => Answer::refuse(message, "BAD_REQUEST"),
            };

            out.extend_from_slice(if at > 0 { b"," } else { b"" });
            out.extend_from_slice(&answer.body);
        }
        out.push(b']');

        let mut response = ([(header::CONTENT_TYPE, MediaType::Json.content_type())], out).into_response();
        keep_private(&mut response, &viewer);
        Ok(response)
    }

    /// Where the request comes from, according to trusted proxies.
    fn origin(&self) -> Origin {
        origin(&self.app.config.trusted_proxies, self.peer, self.headers)
    }

    /// Returns the viewer; a refusal if the schema requires TLS and the request came without it.
    async fn known_viewer(&self) -> Result<Viewer, Refusal> {
        if self.schema.effective.requires_ssl && !self.origin().is_encrypted {
            return Err(Refusal::needs_tls(&self.schema.info.name));
        }

        self.viewer().await
    }

    /// Answers a request. A persisted query may be given by its hash instead of its text.
    async fn respond(&self, viewer: Viewer, sent: Sent) -> Result<Answer, Refusal> {
        let Sent {
            mut request,
            query,
            hash,
        } = sent;
        let Some(hash) = hash else {
            request.query = query.unwrap_or_default();
            return self.respond_to(viewer, request).await;
        };

        let persisted = &self.app.persisted;
        let is_new = query.is_some() && persisted.are_kept();
        request.query = persisted.text(hash, query)?;
        let text = is_new.then(|| request.query.clone());

        let answer = self.respond_to(viewer, request).await?;
        if let Some(text) = text
            && answer.outcome == Outcome::Executed
        {
            persisted.keep(hash, &text);
        }

        Ok(answer)
    }

    async fn respond_to(&self, viewer: Viewer, request: Request) -> Result<Answer, Refusal> {
        let caller = self.origin().address;
        let (registry, slow) = (&self.app.registry, self.app.config.slow_query);
        let answer = respond(registry, self.schema, viewer, caller, request, slow).await;

        answer.map_err(|rejection| match rejection {
            Rejection::Unauthenticated => Refusal::unauthenticated(),
            Rejection::Empty => Refusal::empty_schema(&self.schema.info.name),
            Rejection::RateLimited(wait) => Refusal::rate_limited(wait),
        })
    }
}

fn finished(media_type: MediaType, answer: Answer, is_private: bool) -> Response {
    let mut response = (
        media_type.status(answer.outcome),
        [(
            header::CONTENT_TYPE,
            HeaderValue::from_static(media_type.content_type()),
        )],
        answer.body,
    )
        .into_response();
    if answer.outcome == Outcome::QueryOnly {
        response
            .headers_mut()
            .insert(header::ALLOW, HeaderValue::from_static("POST"));
    }
    if is_private {
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }

    response
}

/// Forbids caches to store an answer to a signed-in viewer.
fn keep_private(response: &mut Response, viewer: &Viewer) {
    if viewer.is_authenticated() {
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}
