//! Every address, and what every request passes through on its way there.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;

use crate::failure::{Code, Failure, dress};
use crate::language::Language;
use crate::page::staff::review;
use crate::site::{App, Site};
use crate::{api, asset, guard, headers, mcp, metrics, openai, page, request_log};

/// The longest that any request may take. An answer gives up before, and says so.
const REQUEST_LIMIT: Duration = Duration::from_secs(35);

/// The largest body that is read: some thirty times the longest question.
const BODY_LIMIT: usize = 64 * 1024;

/// Everything that is served.
pub fn router(app: App) -> Router {
    let App { site, tracing } = app;
    let mut router = Router::new()
        .nest("/api/v1", api())
        .nest("/v1", openai::routes(&site))
        .merge(mcp::routes(&site))
        .route("/metrics", get(metrics::show))
        .route("/assets/{hash}/{name}", get(asset::serve));
    for language in Language::ALL {
        router = pages(router, language).merge(staff(&site, language));
    }
    router
        .fallback(async || Failure::from(Code::NotFound))
        .method_not_allowed_fallback(async || Failure::from(Code::MethodNotAllowed))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(CatchPanicLayer::custom(contain_panic))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, REQUEST_LIMIT))
        .layer(from_fn_with_state(Arc::clone(&site), guard::refuse_cross_site))
        .layer(from_fn_with_state(Arc::clone(&site), dress))
        .layer(CompressionLayer::new())
        .layer(from_fn(headers::add))
        .layer(from_fn_with_state(tracing, request_log::log))
        .with_state(site)
}

/// What a panic says may quote what a reader typed, so it is dropped here.
fn contain_panic(_: Box<dyn Any + Send>) -> Response {
    tracing::error!("a request panicked: this is a fault in candour");
    Failure::from(Code::Internal).into_response()
}

fn pages(router: Router<Arc<Site>>, language: Language) -> Router<Arc<Site>> {
    let at = |path: &str| format!("{}{path}", language.prefix());
    let router = match language {
        Language::English => router,
        Language::Welsh => router.route("/cy", get(page::question::show)),
    };
    router
        .route(&at("/"), get(page::question::show))
        .route(&at("/ask"), post(page::ask::ask).get(page::ask::back))
        .route(&at("/ask/stream"), post(page::ask::stream))
        .route(&at("/conversation"), get(page::conversation::show))
        .route(&at("/conversation/delete"), get(page::delete::confirm).post(page::delete::delete))
        .route(&at("/conversation/deleted"), get(page::delete::deleted))
        .route(&at("/feedback"), post(page::feedback::give).get(page::ask::back))
        .route(&at("/feedback/thanks"), get(page::feedback::thanks))
        .route(&at("/about"), get(page::about::show))
        .route(&at("/privacy"), get(page::privacy::show))
        .route(&at("/cookies"), get(page::cookies::show))
        .route(&at("/accessibility"), get(page::accessibility::show))
}

/// The pages for staff: `gate` stands before all of them, so that a new one is behind it too.
fn staff(site: &Arc<Site>, language: Language) -> Router<Arc<Site>> {
    let at = |path: &str| format!("{}/staff{path}", language.prefix());
    let reviewed = get(review::answer::show).post(review::answer::give);
    let switches = get(page::staff::switches::show).post(page::staff::switches::set);
    Router::new()
        .route(&at(""), get(page::staff::overview::show))
        .route(&at("/conversations"), get(page::staff::conversations::show))
        .route(&at("/answers/{id}"), get(page::staff::answer::show))
        .route(&at("/feedback"), get(page::staff::feedback::show))
        .route(&at("/signals"), get(page::staff::signals::show))
        .route(&at("/reviews"), get(review::list::show))
        .route(&at("/reviews/{name}"), get(review::one::show))
        .route(&at("/reviews/{name}/next"), post(review::one::label_next))
        .route(&at("/reviews/{name}/settle"), post(review::one::settle_next))
        .route(&at("/reviews/{name}/answers/{position}"), reviewed)
        .route(&at("/monitoring"), get(page::staff::monitoring::show))
        .route(&at("/switches"), switches)
        .route(&at("/audit"), get(page::staff::audit::show))
        .route_layer(from_fn_with_state(Arc::clone(site), page::staff::gate))
        .route(&at("/sign-in"), get(page::staff::sign_in::show).post(page::staff::sign_in::sign_in))
        .route(&at("/sign-out"), post(page::staff::sign_in::sign_out))
}

fn api() -> Router<Arc<Site>> {
    Router::new()
        .route("/ask", post(api::ask::ask))
        .route("/ask/stream", post(api::ask::stream))
        .route("/answers/{id}", get(api::answers::show))
        .route("/answers/{id}/receipt", get(api::answers::receipt))
        .route("/answers/{id}/sources", get(api::sources::show))
        .route("/answers/{id}/feedback", post(api::feedback::give))
        .route(
            "/conversations/{id}",
            delete(api::conversations::delete).get(api::conversations::show),
        )
        .route("/search", post(api::search::search))
        .route("/health", get(api::health::health))
        .route("/ready", get(api::health::ready))
        .route("/version", get(api::health::version))
        .route("/openapi.json", get(api::openapi::show))
}
