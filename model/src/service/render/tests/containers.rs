//! Containers, ports and probes.

use serde_json::json;

use super::{pod, specs};

#[test]
#[allow(clippy::too_many_lines, reason = "one snapshot")]
fn containers_beside_and_before() {
    let args = json!({
        "environment": "dev", "name": "api", "image": "api:1", "command": ["/api"], "args": ["--verbose"],
        "ports": { "grpc": { "port": 9000 }, "http": { "port": 80, "target": 8080, "app_protocol": "http" }, "dns": { "port": 53, "protocol": "UDP" } },
        "config": { "A": "1" }, "scratch": { "/tmp": {} },
        "environment_from_field": { "POD_IP": "status.podIP", "MEMORY": "limits.memory" },
        "sidecars": { "proxy": { "image": "proxy:1", "config": { "MODE": "on" }, "health": { "path": "/up", "port": "9901" } } },
        "init": [{ "name": "migrate", "command": ["/migrate"], "config": { "A": "2" } }],
        "restricted": true
    });
    insta::assert_snapshot!(specs(args, &["Deployment", "Service"]), @r"
        # Deployment api
        replicas: 1
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
            - args:
              - --verbose
              command:
              - /api
              env:
              - name: A
                valueFrom:
                  configMapKeyRef:
                    key: A
                    name: api-ad5906aa
              - name: MEMORY
                valueFrom:
                  resourceFieldRef:
                    resource: limits.memory
              - name: POD_IP
                valueFrom:
                  fieldRef:
                    fieldPath: status.podIP
              image: api:1
              lifecycle:
                preStop:
                  sleep:
                    seconds: 10
              name: api
              ports:
              - containerPort: 53
                name: dns
                protocol: UDP
              - containerPort: 9000
                name: grpc
                protocol: TCP
              - containerPort: 8080
                name: http
                protocol: TCP
              readinessProbe:
                failureThreshold: 3
                periodSeconds: 5
                tcpSocket:
                  port: http
                timeoutSeconds: 3
              securityContext:
                allowPrivilegeEscalation: false
                capabilities:
                  drop:
                  - ALL
              volumeMounts:
              - mountPath: /tmp
                name: scratch-tmp
            enableServiceLinks: false
            imagePullSecrets:
            - name: seedling-pull
            initContainers:
            - env:
              - name: MODE
                value: on
              image: proxy:1
              livenessProbe:
                failureThreshold: 6
                httpGet:
                  path: /up
                  port: 9901
                periodSeconds: 10
                timeoutSeconds: 3
              name: proxy
              readinessProbe:
                failureThreshold: 3
                httpGet:
                  path: /up
                  port: 9901
                periodSeconds: 5
                timeoutSeconds: 3
              restartPolicy: Always
              securityContext:
                allowPrivilegeEscalation: false
                capabilities:
                  drop:
                  - ALL
              startupProbe:
                failureThreshold: 150
                httpGet:
                  path: /up
                  port: 9901
                periodSeconds: 2
                timeoutSeconds: 3
            - command:
              - /migrate
              env:
              - name: A
                value: '2'
              - name: MEMORY
                valueFrom:
                  resourceFieldRef:
                    resource: limits.memory
              - name: POD_IP
                valueFrom:
                  fieldRef:
                    fieldPath: status.podIP
              image: api:1
              name: migrate
              securityContext:
                allowPrivilegeEscalation: false
                capabilities:
                  drop:
                  - ALL
              volumeMounts:
              - mountPath: /tmp
                name: scratch-tmp
            securityContext:
              runAsNonRoot: true
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
            volumes:
            - emptyDir: {}
              name: scratch-tmp
        ---
        # Service api
        ports:
        - name: dns
          port: 53
          protocol: UDP
          targetPort: 53
        - name: grpc
          port: 9000
          protocol: TCP
          targetPort: 9000
        - appProtocol: http
          name: http
          port: 80
          protocol: TCP
          targetPort: 8080
        selector:
          seedling.dev/name: api
          seedling.dev/type: service
        ");
}

#[test]
fn probes_set_apart() {
    let args = json!({
        "name": "api", "image": "api:1", "port": 80,
        "health": {
            "path": "/healthz",
            "startup": { "failures": 10, "period": "30s" },
            "readiness": { "tcp": true, "initial_delay": "5s", "timeout": "1s" },
            "liveness": { "enabled": false }
        }
    });
    insta::assert_snapshot!(pod(args), @r"
        metadata:
          labels:
            seedling.dev/name: api
            seedling.dev/type: service
        spec:
          automountServiceAccountToken: false
          containers:
          - image: api:1
            lifecycle:
              preStop:
                sleep:
                  seconds: 10
            name: api
            ports:
            - containerPort: 80
              protocol: TCP
            readinessProbe:
              failureThreshold: 3
              initialDelaySeconds: 5
              periodSeconds: 5
              tcpSocket:
                port: 80
              timeoutSeconds: 1
            securityContext:
              allowPrivilegeEscalation: false
            startupProbe:
              failureThreshold: 10
              httpGet:
                path: /healthz
                port: 80
              periodSeconds: 30
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
        ");
}
