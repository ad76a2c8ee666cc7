//! Ours come back as written; foreign ones as they are meant.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{LiveObjects, from_live};
use crate::{
    Context, Object, labels,
    object::without_nulls,
    service::{self, Args, Live, Names, config_map_name, secret_keys},
};

fn live<'a>(
    objects: &'a [Object],
    secret_keys: &'a BTreeMap<String, Vec<String>>,
    config_maps: &'a [Object],
    claims: &'a [Object],
) -> LiveObjects<'a> {
    let of_kind = |kind: &str| objects.iter().find(|object| object.kind() == kind);
    LiveObjects {
        deployment: of_kind("Deployment").unwrap(),
        service: of_kind("Service"),
        autoscaler: of_kind("HorizontalPodAutoscaler"),
        config_maps,
        claims,
        secret_keys,
    }
}

fn imported(
    objects: &[Object],
    secret_keys: &BTreeMap<String, Vec<String>>,
) -> (Args, Vec<String>) {
    let kind = |kind: &str| {
        objects
            .iter()
            .filter(|object| object.kind() == kind)
            .cloned()
            .collect::<Vec<_>>()
    };
    from_live(&live(
        objects,
        secret_keys,
        &kind("ConfigMap"),
        &kind("PersistentVolumeClaim"),
    ))
}

/// What is written, applied with the annotation and imported, is what was written, secrets aside.
fn round_trip(args: Value) {
    let args: Args = serde_json::from_value(args).unwrap();
    let names = Names {
        config_map: config_map_name(&args),
        secret: Some("api-x".into()),
        secret_keys: secret_keys(&args),
    };
    let mut objects = service::render(&args, &Context::default(), &names, &Live::default()).objects;
    let intent = service::intent(&args).to_string();
    assert!(!intent.contains("hunter2"), "{intent}");
    let deployment = objects
        .iter_mut()
        .find(|object| object.kind() == "Deployment")
        .unwrap();
    deployment.annotate(labels::INTENT, &intent);
    let (read, guesses) = imported(&objects, &BTreeMap::new());
    let expected = Args {
        secrets: crate::Arg::Absent,
        secret_files: crate::Arg::Absent,
        ..args
    };
    assert_eq!(guesses, [] as [&str; 0]);
    assert_eq!(read, expected);
}

#[test]
fn ours_come_back_as_written() {
    round_trip(json!({ "environment": "dev", "name": "api", "image": "a:1" }));
    round_trip(json!({
        "environment": "prod", "name": "api", "image": "a:1", "ports": { "http": { "port": 80, "target": 8080 } },
        "autoscale": { "min": 2, "max": 6 }, "config": { "A": "1", "B": "" }, "files": { "/etc/a.yaml": "x: 1", "/etc/b": "" },
        "secrets": { "TOKEN": "hunter2" }, "secret_files": { "/key": "hunter2" },
        "health": { "path": "/healthz" }, "rollout": { "timeout": "20m", "on_failure": "roll_back" },
        "storage": { "/data": { "size": "1Gi", "access": "shared", "on_destroy": "delete" } }, "secrets_version": "3",
        "sidecars": { "s": { "image": "s:1" } }, "init": [{ "name": "i" }], "pod_patch": "{\"spec\":{\"hostNetwork\":true}}",
        "restricted": true, "resources": { "cpu": "0.5", "memory": "1Gi" }
    }));
    round_trip(
        json!({ "environment": "dev", "name": "api", "image": "a:1", "replicas": 3, "files": { "/a": "b" } }),
    );
}

#[test]
fn a_foreign_deployment_is_read_as_it_is_meant() {
    let objects: Vec<Object> = FOREIGN
        .split("---\n")
        .map(|document| Object(serde_yaml_ng::from_str(document).unwrap()))
        .collect();
    let secret_keys = BTreeMap::from([("api-secrets".to_owned(), vec!["TOKEN".to_owned()])]);
    let (args, guesses) = imported(&objects, &secret_keys);
    let args = without_nulls(serde_json::to_value(&args).unwrap());
    insta::assert_snapshot!(crate::object::yaml(&args), @r#"
        args:
        - --port=8080
        config:
          LOG_LEVEL: info
          MODE: fast
        environment: prod
        environment_from_field:
          NODE: spec.nodeName
        files:
          /etc/api/app.yaml: 'a: 1'
        health:
          liveness:
            enabled: false
          readiness:
            failures: 3
            path: /ready
            period: 10s
            port: '8080'
            timeout: 1s
          startup:
            enabled: false
        image: registry.example/api:1
        name: api
        node_pool: workloads
        pod_patch: '{"metadata":{"annotations":{"prometheus.io/scrape":"true"},"labels":{"tier":"back"}},"spec":{"automountServiceAccountToken":true,"containers":[{"name":"api","volumeMounts":[{"mountPath":"/tls","name":"tls"}]},{"image":"proxy:1","name":"proxy"}],"serviceAccountName":"api","volumes":[{"name":"tls","secret":{"secretName":"tls"}}]}}'
        ports:
          web:
            port: 80
            target: 8080
        replicas: 3
        resources:
          cpu: 100m
          memory: 256Mi
          memory_limit: 512Mi
        rollout:
          max_surge: '1'
          max_unavailable: '0'
          min_ready: 10s
        run_as:
          fs_group: 1000
        scratch:
          /cache:
            size: 1Gi
        secret_refs:
          KEY:
            key: key
            secret: shared
          TOKEN:
            key: TOKEN
            secret: api-secrets
        storage:
          /data:
            access: shared
            claim: api-data
            class: azurefile
            size: 5Gi
        tolerations:
        - effect: NoSchedule
          key: spare
        "#);
    insta::assert_snapshot!(guesses.join("\n"), @r"
        The claim api-data is kept when the service is destroyed, unless `on_destroy` says otherwise.
        `pod_patch` keeps what no argument says: automountServiceAccountToken, containers, serviceAccountName, volumes.
        ");
    assert_eq!(service::check(&serde_json::from_value(args).unwrap()), []);
}

const FOREIGN: &str = r#"apiVersion: apps/v1
kind: Deployment
metadata: { name: api, namespace: prod }
spec:
  replicas: 3
  minReadySeconds: 10
  selector: { matchLabels: { app: api } }
  strategy: { type: RollingUpdate, rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }
  template:
    metadata:
      labels: { app: api, tier: back }
      annotations: { "kubectl.kubernetes.io/restartedAt": now, prometheus.io/scrape: "true" }
    spec:
      serviceAccountName: api
      dnsPolicy: ClusterFirst
      securityContext: { fsGroup: 1000 }
      nodeSelector: { agentpool: workloads }
      tolerations: [{ key: spare, operator: Exists, effect: NoSchedule }]
      containers:
        - name: main
          image: registry.example/api:1
          args: ["--port=8080"]
          ports: [{ name: web, containerPort: 8080, protocol: TCP }]
          envFrom: [{ configMapRef: { name: api-config } }, { secretRef: { name: api-secrets } }]
          env:
            - { name: MODE, value: fast }
            - { name: KEY, valueFrom: { secretKeyRef: { name: shared, key: key } } }
            - { name: NODE, valueFrom: { fieldRef: { apiVersion: v1, fieldPath: spec.nodeName } } }
          resources: { requests: { cpu: 100m, memory: 256Mi }, limits: { memory: 512Mi } }
          readinessProbe: { httpGet: { path: /ready, port: web, scheme: HTTP }, periodSeconds: 10, timeoutSeconds: 1, failureThreshold: 3, successThreshold: 1 }
          volumeMounts:
            - { name: settings, mountPath: /etc/api }
            - { name: cache, mountPath: /cache }
            - { name: data, mountPath: /data }
            - { name: tls, mountPath: /tls }
        - { name: proxy, image: "proxy:1" }
      volumes:
        - { name: settings, configMap: { name: api-files, defaultMode: 420 } }
        - { name: cache, emptyDir: { sizeLimit: 1Gi } }
        - { name: data, persistentVolumeClaim: { claimName: api-data } }
        - { name: tls, secret: { secretName: tls } }
---
apiVersion: v1
kind: Service
metadata: { name: api, namespace: prod }
spec: { ports: [{ port: 80, targetPort: web, protocol: TCP }], selector: { app: api } }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: api-config, namespace: prod }
data: { LOG_LEVEL: info }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: api-files, namespace: prod }
data: { app.yaml: "a: 1" }
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: api-data, namespace: prod }
spec: { accessModes: [ReadWriteMany], storageClassName: azurefile, resources: { requests: { storage: 5Gi } } }
"#;
