//! Nodes, identity and the patch.

use serde_json::json;

use super::{pod, specs, yaml};

#[test]
fn a_gpu_on_a_pool() {
    let args = json!({
        "environment": "dev", "name": "sd", "image": "sd:1", "node_pool": "gpu", "resources": { "memory": "16Gi", "memory_limit": "24Gi", "gpu": 1 },
        "tolerations": [{ "key": "spare", "effect": "NoExecute", "stay": "5m" }, { "key": "team", "value": "ml" }]
    });
    insta::assert_snapshot!(specs(args, &["Deployment"]), @r"
        # Deployment sd
        replicas: 1
        selector:
          matchLabels:
            seedling.dev/name: sd
            seedling.dev/type: service
        strategy:
          rollingUpdate:
            maxSurge: 0
            maxUnavailable: 1
          type: RollingUpdate
        template:
          metadata:
            labels:
              seedling.dev/name: sd
              seedling.dev/type: service
          spec:
            affinity:
              nodeAffinity:
                requiredDuringSchedulingIgnoredDuringExecution:
                  nodeSelectorTerms:
                  - matchExpressions:
                    - key: seedling.dev/node-pool
                      operator: In
                      values:
                      - gpu
                  - matchExpressions:
                    - key: kubernetes.azure.com/agentpool
                      operator: In
                      values:
                      - gpu
            automountServiceAccountToken: false
            containers:
            - image: sd:1
              name: sd
              resources:
                limits:
                  memory: 24Gi
                  nvidia.com/gpu: '1'
                requests:
                  memory: 16Gi
              securityContext:
                allowPrivilegeEscalation: false
            enableServiceLinks: false
            imagePullSecrets:
            - name: seedling-pull
            securityContext:
              seccompProfile:
                type: RuntimeDefault
            tolerations:
            - effect: NoSchedule
              key: seedling.dev/dedicated
              operator: Equal
              value: gpu
            - effect: NoSchedule
              key: kubernetes.azure.com/scalesetpriority
              operator: Equal
              value: spot
            - effect: NoSchedule
              key: sku
              operator: Equal
              value: gpu
            - effect: NoSchedule
              key: nvidia.com/gpu
              operator: Exists
            - effect: NoExecute
              key: spare
              operator: Exists
              tolerationSeconds: 300
            - key: team
              operator: Equal
              value: ml
            topologySpreadConstraints:
            - labelSelector:
                matchLabels:
                  seedling.dev/name: sd
                  seedling.dev/type: service
              maxSkew: 1
              topologyKey: kubernetes.io/hostname
              whenUnsatisfiable: ScheduleAnyway
        ");
}

#[test]
fn a_workload_identity_and_a_patch() {
    let args = json!({
        "environment": "dev", "name": "api", "image": "api:1", "identity": { "client_id": "c", "tenant_id": "t" },
        "pod_patch": json!({
            "metadata": { "annotations": { "note": "x" } },
            "spec": {
                "enableServiceLinks": null, "hostNetwork": true,
                "containers": [{ "name": "api", "tty": true }],
                "imagePullSecrets": [{ "name": "other" }]
            }
        }).to_string()
    });
    insta::assert_snapshot!(yaml(args.clone(), &["ServiceAccount"]), @r"
        apiVersion: v1
        automountServiceAccountToken: false
        kind: ServiceAccount
        metadata:
          annotations:
            azure.workload.identity/client-id: c
            azure.workload.identity/tenant-id: t
          labels:
            app.kubernetes.io/managed-by: seedling
            app.kubernetes.io/name: api
            seedling.dev/name: api
            seedling.dev/project: acme
            seedling.dev/type: service
            team: core
          name: api
          namespace: dev
        ");
    insta::assert_snapshot!(pod(args), @r"
        metadata:
          annotations:
            note: x
          labels:
            azure.workload.identity/use: 'true'
            seedling.dev/name: api
            seedling.dev/type: service
        spec:
          automountServiceAccountToken: false
          containers:
          - image: api:1
            name: api
            securityContext:
              allowPrivilegeEscalation: false
            tty: true
          hostNetwork: true
          imagePullSecrets:
          - name: seedling-pull
          - name: other
          securityContext:
            seccompProfile:
              type: RuntimeDefault
          serviceAccountName: api
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
