//! A registry in which every image is: what `seedling_image` asks, since no image is pulled on a laptop.
//!
//! A manifest follows from name and tag alone, so one tag always has the same digest, and another tag another. Paths and answers are
//! those of the OCI distribution specification, `GET /v2/` and `GET /v2/<name>/manifests/<tag>`.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use axum::Router;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;

use crate::hex::hex;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// The digest of `{}`, the specification's own example of an empty configuration.
const EMPTY: &str = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

/// The file in a world's folder that says where its registry listens, as `host:port`.
pub fn address_file(folder: &Path) -> PathBuf {
    folder.join("registry")
}

/// Listens, writes down where, and answers until it is dropped.
pub(super) async fn serve(folder: &Path) -> std::io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?.to_string();
    // Renamed into place: whoever reads it reads all of it.
    let draft = address_file(folder).with_extension("new");
    std::fs::write(&draft, address)?;
    std::fs::rename(&draft, address_file(folder))?;
    axum::serve(listener, Router::new().fallback(answer)).await
}

async fn answer(uri: Uri) -> Response {
    let path = uri.path().strip_prefix("/v2/").unwrap_or_default();
    match path.split_once("/manifests/") {
        Some((name, tag)) if !tag.contains(':') => manifest(name, tag),
        _ if uri.path() == "/v2/" => StatusCode::OK.into_response(),
        _ => (StatusCode::NOT_FOUND, unknown()).into_response(),
    }
}

fn manifest(name: &str, tag: &str) -> Response {
    let config =
        json!({ "mediaType": "application/vnd.oci.empty.v1+json", "digest": EMPTY, "size": 2 });
    let annotations = json!({ "org.opencontainers.image.ref.name": format!("{name}:{tag}") });
    let manifest = json!({
        "schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [], "annotations": annotations,
    });
    let body = manifest.to_string();
    let digest = format!("sha256:{}", hex(&Sha256::digest(&body)));
    let headers = [
        (header::CONTENT_TYPE.as_str(), MANIFEST.to_owned()),
        ("docker-content-digest", digest),
    ];
    (headers, body).into_response()
}

fn unknown() -> String {
    json!({ "errors": [{ "code": "MANIFEST_UNKNOWN", "message": "only manifests by tag are here" }] }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn digest(path: &str) -> Option<String> {
        let response = answer(path.parse().unwrap()).await;
        let digest = response.headers().get("docker-content-digest")?;
        Some(digest.to_str().unwrap().to_owned())
    }

    #[tokio::test]
    async fn a_digest_follows_from_name_and_tag() {
        let one = digest("/v2/acme/api/manifests/1").await.unwrap();
        assert_eq!(digest("/v2/acme/api/manifests/1").await.unwrap(), one);
        assert_ne!(digest("/v2/acme/api/manifests/2").await.unwrap(), one);
        assert_ne!(digest("/v2/acme/web/manifests/1").await.unwrap(), one);
        assert_eq!(one.len(), "sha256:".len() + 64);
    }

    #[tokio::test]
    async fn what_is_not_there_is_not_found() {
        for path in [
            "/v2/acme/api/blobs/x",
            "/v2/acme/api/manifests/sha256:00",
            "/",
        ] {
            let response = answer(path.parse().unwrap()).await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(
            answer("/v2/".parse().unwrap()).await.status(),
            StatusCode::OK
        );
    }
}
