//! Serving until told to stop, and stopping without losing anything.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::housekeeping;
use crate::routes::router;
use crate::site::App;

/// How long requests that are under way may take once the server was told to stop.
const GRACE: Duration = Duration::from_secs(30);

/// Serves `app` on `listener` until `shutdown` resolves; then finishes what is under way.
pub async fn serve(
    listener: TcpListener,
    app: App,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let site = std::sync::Arc::clone(&app.site);
    let stop = CancellationToken::new();
    housekeeping::start(&site, &stop);
    let service = router(app).into_make_service_with_connect_info::<SocketAddr>();
    let told = stop.clone();
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move {
        shutdown.await;
        told.cancel();
    });
    // A reader who never closes the connection cannot keep the program from ending.
    let overdue = async {
        stop.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    let outcome = tokio::select! {
        result = serving => result,
        () = overdue => Ok(()),
    };
    stop.cancel();
    site.tasks.close();
    site.tasks.wait().await;
    outcome
}
