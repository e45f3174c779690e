//! Sends webhooks over HTTP and notes how it went.

use std::sync::Arc;
use std::time::Duration;

use super::{Sent, sign};
use crate::sandbox::http::App;
use crate::sandbox::model::Row;

/// Connect and read limits of one send (V2 §18.4).
const LIMIT: Duration = Duration::from_secs(30);
/// What is kept of an answer.
const KEPT: usize = 4_096;

/// The HTTP client webhooks are sent with.
pub fn client() -> Option<reqwest::Client> {
    // Another part of the process may have chosen a provider already; either will do.
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder()
        .connect_timeout(LIMIT)
        .read_timeout(LIMIT)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .ok()
}

/// Whether an address is on this machine.
fn is_loopback(url: &reqwest::Url) -> bool {
    match url.host_str() {
        Some("localhost" | "[::1]") => true,
        Some(host) => host.parse::<std::net::Ipv4Addr>().is_ok_and(|ip| ip.is_loopback()),
        None => false,
    }
}

/// Sends everything that is due by the sandbox's clock, one after the other.
pub async fn flush(app: &Arc<App>, client: &reqwest::Client) {
    loop {
        let due = {
            let mut state = app.state();
            let now = state.now();
            state.hooks.take_due(now)
        };
        if due.is_empty() {
            return;
        }
        for at in due {
            send(app, client, at).await;
        }
    }
}

/// Sends one webhook now.
pub async fn send(app: &Arc<App>, client: &reqwest::Client, at: Row) {
    let (request, remote) = {
        let mut state = app.state();
        let now = state.now();
        let remote = state.settings.remote_webhooks;
        let Some(hook) = state.hooks.log.get_mut(at as usize) else { return };
        hook.tries += 1;
        hook.requested = now;
        let kind = if hook.form { "application/x-www-form-urlencoded" } else { "application/json" };
        let mut headers =
            vec![("content-type", kind.to_owned()), ("user-agent", "danmal-sandbox".to_owned())];
        if let (false, Some(signature)) =
            (hook.secrets.is_empty(), sign::signature(&hook.secrets, &hook.id, now, &hook.body))
        {
            headers.push(("webhook-id", hook.id.to_string()));
            headers.push(("webhook-timestamp", now.to_string()));
            headers.push(("webhook-signature", signature));
        }
        hook.header = header_text(headers.iter().map(|(name, value)| (*name, value.as_str())));
        let mut request = client.post(hook.url.as_ref()).body(hook.body.to_string());
        for (name, value) in headers {
            request = request.header(name, value);
        }
        (request.build(), remote)
    };
    let (result, answer) = match request {
        Ok(request) if remote || is_loopback(request.url()) => exchange(client, request).await,
        _ => (Sent::Failed, None),
    };
    let mut state = app.state();
    let now = state.now();
    state.hooks.record(at, result, answer, now);
}

/// Headers as the log shows them: one a line.
fn header_text<'a>(headers: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut out = String::new();
    for (name, value) in headers {
        for piece in [name, ": ", value, "\n"] {
            out.push_str(piece);
        }
    }
    out
}

async fn exchange(
    client: &reqwest::Client,
    request: reqwest::Request,
) -> (Sent, Option<(u16, String, String)>) {
    let Ok(response) = client.execute(request).await else { return (Sent::Failed, None) };
    let status = response.status().as_u16();
    let values =
        response.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap_or_default()));
    let header = header_text(values);
    let mut response = response;
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() > KEPT {
            body.truncate(KEPT);
            break;
        }
    }
    let result = if status == 200 { Sent::Succeeded } else { Sent::NotOk };
    (result, Some((status, header, String::from_utf8_lossy(&body).into_owned())))
}
