//! The whole of a service, from the smallest to the usual.

use serde_json::json;

use super::yaml;

#[test]
fn the_smallest_worker() {
    let args =
        json!({ "environment": "dev", "name": "worker", "image": "registry.example/worker:1" });
    insta::assert_snapshot!(yaml(args, &[]), @r"
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          labels:
            app.kubernetes.io/managed-by: seedling
            app.kubernetes.io/name: worker
            seedling.dev/name: worker
            seedling.dev/project: acme
            seedling.dev/type: service
            team: core
          name: worker
          namespace: dev
        spec:
          replicas: 1
          selector:
            matchLabels:
              seedling.dev/name: worker
              seedling.dev/type: service
          strategy:
            rollingUpdate:
              maxSurge: 25%
              maxUnavailable: 25%
            type: RollingUpdate
          template:
            metadata:
              labels:
                seedling.dev/name: worker
                seedling.dev/type: service
            spec:
              automountServiceAccountToken: false
              containers:
              - image: registry.example/worker:1
                name: worker
                securityContext:
                  allowPrivilegeEscalation: false
              enableServiceLinks: false
              imagePullSecrets:
              - name: seedling-pull
              securityContext:
                seccompProfile:
                  type: RuntimeDefault
              topologySpreadConstraints:
              - labelSelector:
                  matchLabels:
                    seedling.dev/name: worker
                    seedling.dev/type: service
                maxSkew: 1
                topologyKey: kubernetes.io/hostname
                whenUnsatisfiable: ScheduleAnyway
        ");
}

#[test]
#[allow(clippy::too_many_lines, reason = "one snapshot")]
fn the_usual_api() {
    let args = json!({
        "environment": "prod", "name": "api", "image": "registry.example/acme/api:1.4.2", "port": 8080,
        "autoscale": { "min": 2, "max": 6, "cpu_percent": 70 },
        "config": { "LOG_LEVEL": "info" }, "secrets": { "DATABASE_URL": "postgres://secret" },
        "secret_refs": { "API_KEY": { "secret": "shared", "key": "api-key" } },
        "resources": { "cpu": "0.25", "memory": "512Mi" }, "health": { "path": "/healthz" },
        "rollout": { "max_unavailable": "25%", "max_surge": "25%", "timeout": "10m" }
    });
    insta::assert_snapshot!(yaml(args, &[]), @r"
        apiVersion: v1
        data:
          LOG_LEVEL: info
        immutable: true
        kind: ConfigMap
        metadata:
          labels:
            app.kubernetes.io/managed-by: seedling
            app.kubernetes.io/name: api
            seedling.dev/name: api
            seedling.dev/project: acme
            seedling.dev/type: service
            team: core
          name: api-74c23e2a
          namespace: prod
        ---
        apiVersion: v1
        data:
          DATABASE_URL: cG9zdGdyZXM6Ly9zZWNyZXQ=
        immutable: true
        kind: Secret
        metadata:
          labels:
            app.kubernetes.io/managed-by: seedling
            app.kubernetes.io/name: api
            seedling.dev/name: api
            seedling.dev/project: acme
            seedling.dev/type: service
            team: core
          name: api-0a4b6a04
          namespace: prod
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          labels:
            app.kubernetes.io/managed-by: seedling
            app.kubernetes.io/name: api
            seedling.dev/name: api
            seedling.dev/project: acme
            seedling.dev/type: service
            team: core
          name: api
          namespace: prod
        spec:
          progressDeadlineSeconds: 600
          selector:
            matchLabels:
              seedling.dev/name: api
              seedling.dev/type: service
          strategy:
            rollingUpdate:
              maxSurge: 25%
              maxUnavailable: 25%
            type: RollingUpdate
          template:
            metadata:
              labels:
                seedling.dev/name: api
                seedling.dev/type: service
            spec:
              automountServiceAccountToken: false
              containers:
              - env:
                - name: API_KEY
                  valueFrom:
                    secretKeyRef:
                      key: api-key
                      name: shared
                - name: DATABASE_URL
                  valueFrom:
                    secretKeyRef:
                      key: DATABASE_URL
                      name: api-0a4b6a04
                - name: LOG_LEVEL
                  valueFrom:
                    configMapKeyRef:
                      key: LOG_LEVEL
                      name: api-74c23e2a
                image: registry.example/acme/api:1.4.2
                lifecycle:
                  preStop:
                    sleep:
                      seconds: 10
                livenessProbe:
                  failureThreshold: 6
                  httpGet:
                    path: /healthz
                    port: 8080
                  periodSeconds: 10
                  timeoutSeconds: 3
                name: api
                ports:
                - containerPort: 8080
                  protocol: TCP
                readinessProbe:
                  failureThreshold: 3
                  httpGet:
                    path: /healthz
                    port: 8080
                  periodSeconds: 5
                  timeoutSeconds: 3
                resources:
                  limits:
                    memory: 512Mi
                  requests:
                    cpu: 250m
                    memory: 512Mi
                securityContext:
                  allowPrivilegeEscalation: false
                startupProbe:
                  failureThreshold: 150
                  httpGet:
                    path: /healthz
                    port: 8080
                  periodSeconds: 2
                  timeoutSeconds: 3
              enableServiceLinks: false
              imagePullSecrets:
              - name: seedling-pull
              securityContext:
                seccompProfile:
                  type: RuntimeDefault
              terminationGracePeriodSeconds: 40
              topologySpreadConstraints:
              - labelSelector:
                  matchLabels:
                    seedling.dev/name: api
                    seedling.dev/type: service
                maxSkew: 1
                topologyKey: kubernetes.io/hostname
                whenUnsatisfiable: ScheduleAnyway
        ---
        apiVersion: v1
        kind: Service
        metadata:
          labels:
            app.kubernetes.io/managed-by: seedling
            app.kubernetes.io/name: api
            seedling.dev/name: api
            seedling.dev/project: acme
            seedling.dev/type: service
            team: core
          name: api
          namespace: prod
        spec:
          ports:
          - port: 8080
            protocol: TCP
            targetPort: 8080
          selector:
            seedling.dev/name: api
            seedling.dev/type: service
        ---
        apiVersion: autoscaling/v2
        kind: HorizontalPodAutoscaler
        metadata:
          labels:
            app.kubernetes.io/managed-by: seedling
            app.kubernetes.io/name: api
            seedling.dev/name: api
            seedling.dev/project: acme
            seedling.dev/type: service
            team: core
          name: api
          namespace: prod
        spec:
          maxReplicas: 6
          metrics:
          - resource:
              name: cpu
              target:
                averageUtilization: 70
                type: Utilization
            type: Resource
          minReplicas: 2
          scaleTargetRef:
            apiVersion: apps/v1
            kind: Deployment
            name: api
        ---
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata:
          labels:
            app.kubernetes.io/managed-by: seedling
            app.kubernetes.io/name: api
            seedling.dev/name: api
            seedling.dev/project: acme
            seedling.dev/type: service
            team: core
          name: api
          namespace: prod
        spec:
          maxUnavailable: 1
          selector:
            matchLabels:
              seedling.dev/name: api
              seedling.dev/type: service
          unhealthyPodEvictionPolicy: AlwaysAllow
        ");
}
