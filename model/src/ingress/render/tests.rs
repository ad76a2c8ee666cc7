//! Golden tests of both controllers, from the same intent.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Resolved, render};
use crate::{Context, Controller, IngressController, object::yaml};

fn rendered(args: &Value, controller: Controller) -> String {
    let ingress = IngressController {
        controller,
        class: None,
    };
    let context = Context {
        project: "acme".into(),
        ingress: Some(ingress),
        ..Context::default()
    };
    let resolved = Resolved {
        ports: BTreeMap::from([("web".into(), 80)]),
        htpasswd: Some("u:$2y$hash".into()),
    };
    let rendered = render(
        &serde_json::from_value(args.clone()).unwrap(),
        &context,
        &resolved,
    );
    let listeners = rendered.listeners.map(|listeners| {
        format!(
            "# by {}\n{}",
            listeners.field_manager,
            yaml(&listeners.object.0)
        )
    });
    let objects = rendered.objects.iter().map(|object| yaml(&object.0));
    objects.chain(listeners).collect::<Vec<_>>().join("---\n")
}

fn intent() -> Value {
    json!({
        "environment": "prod", "name": "web", "host": "example.com", "aliases": ["*.example.com"],
        "routes": { "/": { "service": "web" }, "/api": { "service": "api", "port": 8080 } },
        "tls": { "issuer": "letsencrypt" }, "timeouts": { "request": "90s" }
    })
}

#[test]
fn by_ingress_nginx() {
    insta::assert_snapshot!(rendered(&intent(), Controller::IngressNginx), @r"
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata:
          annotations:
            nginx.ingress.kubernetes.io/proxy-read-timeout: '90'
            nginx.ingress.kubernetes.io/proxy-send-timeout: '90'
            nginx.ingress.kubernetes.io/ssl-redirect: 'true'
          labels:
            app.kubernetes.io/managed-by: seedling
            app.kubernetes.io/name: web
            seedling.dev/name: web
            seedling.dev/project: acme
            seedling.dev/type: ingress
          name: web
          namespace: prod
        spec:
          ingressClassName: nginx
          rules:
          - host: example.com
            http:
              paths:
              - backend:
                  service:
                    name: api
                    port:
                      number: 8080
                path: /api
                pathType: Prefix
              - backend:
                  service:
                    name: web
                    port:
                      number: 80
                path: /
                pathType: Prefix
          - host: '*.example.com'
            http:
              paths:
              - backend:
                  service:
                    name: api
                    port:
                      number: 8080
                path: /api
                pathType: Prefix
              - backend:
                  service:
                    name: web
                    port:
                      number: 80
                path: /
                pathType: Prefix
          tls:
          - hosts:
            - example.com
            - '*.example.com'
            secretName: web-tls
        ---
        apiVersion: cert-manager.io/v1
        kind: Certificate
        metadata:
          labels:
            app.kubernetes.io/managed-by: seedling
            app.kubernetes.io/name: web
            seedling.dev/name: web
            seedling.dev/project: acme
            seedling.dev/type: ingress
          name: web-tls
          namespace: prod
        spec:
          dnsNames:
          - example.com
          - '*.example.com'
          issuerRef:
            group: cert-manager.io
            kind: ClusterIssuer
            name: letsencrypt
          secretName: web-tls
        ");
}

#[test]
#[allow(clippy::too_many_lines, reason = "one snapshot")]
fn by_a_gateway() {
    insta::assert_snapshot!(rendered(&intent(), Controller::Gateway), @r"
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata:
          labels:
            app.kubernetes.io/managed-by: seedling
            app.kubernetes.io/name: web
            seedling.dev/name: web
            seedling.dev/project: acme
            seedling.dev/type: ingress
          name: web
          namespace: prod
        spec:
          hostnames:
          - example.com
          - '*.example.com'
          parentRefs:
          - group: gateway.networking.k8s.io
            kind: Gateway
            name: public
            namespace: prod
            sectionName: https.example.com
          - group: gateway.networking.k8s.io
            kind: Gateway
            name: public
            namespace: prod
            sectionName: https.any.example.com
          rules:
          - backendRefs:
            - group: ''
              kind: Service
              name: api
              port: 8080
              weight: 1
            matches:
            - path:
                type: PathPrefix
                value: /api
            timeouts:
              request: 90s
          - backendRefs:
            - group: ''
              kind: Service
              name: web
              port: 80
              weight: 1
            matches:
            - path:
                type: PathPrefix
                value: /
            timeouts:
              request: 90s
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata:
          labels:
            app.kubernetes.io/managed-by: seedling
            app.kubernetes.io/name: web
            seedling.dev/name: web
            seedling.dev/project: acme
            seedling.dev/type: ingress
          name: web-redirect
          namespace: prod
        spec:
          hostnames:
          - example.com
          - '*.example.com'
          parentRefs:
          - group: gateway.networking.k8s.io
            kind: Gateway
            name: public
            namespace: prod
            sectionName: http
          rules:
          - filters:
            - requestRedirect:
                scheme: https
                statusCode: 301
              type: RequestRedirect
            matches:
            - path:
                type: PathPrefix
                value: /
        ---
        apiVersion: cert-manager.io/v1
        kind: Certificate
        metadata:
          labels:
            app.kubernetes.io/managed-by: seedling
            app.kubernetes.io/name: web
            seedling.dev/name: web
            seedling.dev/project: acme
            seedling.dev/type: ingress
          name: web-tls
          namespace: prod
        spec:
          dnsNames:
          - example.com
          - '*.example.com'
          issuerRef:
            group: cert-manager.io
            kind: ClusterIssuer
            name: letsencrypt
          secretName: web-tls
        ---
        # by seedling/prod/web
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata:
          name: public
          namespace: prod
        spec:
          listeners:
          - allowedRoutes:
              namespaces:
                from: Selector
                selector:
                  matchLabels:
                    kubernetes.io/metadata.name: prod
            hostname: example.com
            name: https.example.com
            port: 443
            protocol: HTTPS
            tls:
              certificateRefs:
              - group: ''
                kind: Secret
                name: web-tls
              mode: Terminate
          - allowedRoutes:
              namespaces:
                from: Selector
                selector:
                  matchLabels:
                    kubernetes.io/metadata.name: prod
            hostname: '*.example.com'
            name: https.any.example.com
            port: 443
            protocol: HTTPS
            tls:
              certificateRefs:
              - group: ''
                kind: Secret
                name: web-tls
              mode: Terminate
        ");
}

#[test]
fn what_only_nginx_can() {
    let args = json!({
        "environment": "prod", "name": "web", "host": "example.com", "routes": { "/": { "service": "web" } },
        "tls": { "certificate": "CERT", "key": "KEY" }, "redirect_http": false, "max_body_size": "16Mi", "websocket": true,
        "timeouts": { "connect": "5s" }, "basic_auth": { "u": "p" }, "allow_cidrs": ["10.0.0.0/8", "192.0.2.0/24"]
    });
    insta::assert_snapshot!(rendered(&args, Controller::IngressNginx), @r"
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata:
          annotations:
            nginx.ingress.kubernetes.io/auth-realm: Authentication required
            nginx.ingress.kubernetes.io/auth-secret: web-basic-auth
            nginx.ingress.kubernetes.io/auth-type: basic
            nginx.ingress.kubernetes.io/proxy-body-size: 16m
            nginx.ingress.kubernetes.io/proxy-connect-timeout: '5'
            nginx.ingress.kubernetes.io/proxy-read-timeout: '3600'
            nginx.ingress.kubernetes.io/proxy-send-timeout: '3600'
            nginx.ingress.kubernetes.io/ssl-redirect: 'false'
            nginx.ingress.kubernetes.io/whitelist-source-range: 10.0.0.0/8,192.0.2.0/24
          labels:
            app.kubernetes.io/managed-by: seedling
            app.kubernetes.io/name: web
            seedling.dev/name: web
            seedling.dev/project: acme
            seedling.dev/type: ingress
          name: web
          namespace: prod
        spec:
          ingressClassName: nginx
          rules:
          - host: example.com
            http:
              paths:
              - backend:
                  service:
                    name: web
                    port:
                      number: 80
                path: /
                pathType: Prefix
          tls:
          - hosts:
            - example.com
            secretName: web-tls
        ---
        apiVersion: v1
        data:
          auth: dTokMnkkaGFzaA==
        kind: Secret
        metadata:
          labels:
            app.kubernetes.io/managed-by: seedling
            app.kubernetes.io/name: web
            seedling.dev/name: web
            seedling.dev/project: acme
            seedling.dev/type: ingress
          name: web-basic-auth
          namespace: prod
        ---
        apiVersion: v1
        data:
          tls.crt: Q0VSVA==
          tls.key: S0VZ
        kind: Secret
        metadata:
          labels:
            app.kubernetes.io/managed-by: seedling
            app.kubernetes.io/name: web
            seedling.dev/name: web
            seedling.dev/project: acme
            seedling.dev/type: ingress
          name: web-tls
          namespace: prod
        type: kubernetes.io/tls
        ");
}

#[test]
fn beside_a_shared_gateway() {
    let args = json!({
        "environment": "prod", "name": "web", "gateway": "shared/edge", "host": "example.com", "routes": { "/": { "service": "web" } },
        "tls": { "issuer": "letsencrypt" }, "redirect_http": false
    });
    insta::assert_snapshot!(rendered(&args, Controller::Gateway), @r"
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata:
          labels:
            app.kubernetes.io/managed-by: seedling
            app.kubernetes.io/name: web
            seedling.dev/name: web
            seedling.dev/project: acme
            seedling.dev/type: ingress
          name: web
          namespace: prod
        spec:
          hostnames:
          - example.com
          parentRefs:
          - group: gateway.networking.k8s.io
            kind: Gateway
            name: edge
            namespace: shared
            sectionName: https.example.com
          - group: gateway.networking.k8s.io
            kind: Gateway
            name: edge
            namespace: shared
            sectionName: http
          rules:
          - backendRefs:
            - group: ''
              kind: Service
              name: web
              port: 80
              weight: 1
            matches:
            - path:
                type: PathPrefix
                value: /
        ---
        apiVersion: cert-manager.io/v1
        kind: Certificate
        metadata:
          labels:
            app.kubernetes.io/managed-by: seedling
            app.kubernetes.io/name: web
            seedling.dev/environment: prod
            seedling.dev/name: web
            seedling.dev/project: acme
            seedling.dev/type: ingress
          name: prod-web-tls
          namespace: shared
        spec:
          dnsNames:
          - example.com
          issuerRef:
            group: cert-manager.io
            kind: ClusterIssuer
            name: letsencrypt
          secretName: prod-web-tls
        ---
        # by seedling/prod/web
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata:
          name: edge
          namespace: shared
        spec:
          listeners:
          - allowedRoutes:
              namespaces:
                from: Selector
                selector:
                  matchLabels:
                    kubernetes.io/metadata.name: prod
            hostname: example.com
            name: https.example.com
            port: 443
            protocol: HTTPS
            tls:
              certificateRefs:
              - group: ''
                kind: Secret
                name: prod-web-tls
              mode: Terminate
        ");
}

#[test]
fn plain_http_needs_no_listener_and_no_certificate() {
    let args = json!({ "environment": "dev", "name": "web", "host": "example.com", "routes": { "/": { "service": "web" } } });
    let yaml = rendered(&args, Controller::Gateway);
    assert!(
        yaml.contains("sectionName: http\n") && !yaml.contains("redirect") && !yaml.contains("---"),
        "{yaml}"
    );
}

#[test]
fn without_the_key_there_is_no_secret_but_its_name_stays() {
    let args = json!({ "environment": "dev", "name": "web", "host": "a.example", "tls": { "certificate": "CERT" } });
    let yaml = rendered(&args, Controller::IngressNginx);
    assert!(
        yaml.contains("secretName: web-tls") && !yaml.contains("kind: Secret"),
        "{yaml}"
    );
}
