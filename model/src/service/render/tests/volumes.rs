//! Files, scratch and storage.

use serde_json::json;

use super::specs;

#[test]
#[allow(clippy::too_many_lines, reason = "one snapshot")]
fn files_scratch_and_storage() {
    let args = json!({
        "environment": "dev", "name": "grafana", "image": "grafana/grafana:12", "port": 3000,
        "config": { "A": "1" }, "files": { "/etc/grafana/grafana.ini": "[server]" },
        "secret_files": { "/etc/gcp.json": "{}" },
        "scratch": { "/dev/shm": { "size": "4096Mi", "memory": true }, "/tmp": {} },
        "storage": { "/var/lib/grafana": { "size": "20Gi" }, "/shared": { "size": "5Gi", "access": "shared", "on_destroy": "delete" } },
        "run_as": { "user": 472, "group": 472 }
    });
    insta::assert_snapshot!(specs(args, &["PersistentVolumeClaim", "Deployment"]), @r"
        # PersistentVolumeClaim grafana-shared
        accessModes:
        - ReadWriteMany
        resources:
          requests:
            storage: 5Gi
        storageClassName: azurefile-csi
        ---
        # PersistentVolumeClaim grafana-var-lib-grafana
        accessModes:
        - ReadWriteOnce
        resources:
          requests:
            storage: 20Gi
        storageClassName: managed-csi
        ---
        # Deployment grafana
        replicas: 1
        selector:
          matchLabels:
            seedling.dev/name: grafana
            seedling.dev/type: service
        strategy:
          type: Recreate
        template:
          metadata:
            labels:
              seedling.dev/name: grafana
              seedling.dev/type: service
          spec:
            automountServiceAccountToken: false
            containers:
            - env:
              - name: A
                valueFrom:
                  configMapKeyRef:
                    key: A
                    name: grafana-fdfd97e9
              image: grafana/grafana:12
              lifecycle:
                preStop:
                  sleep:
                    seconds: 10
              name: grafana
              ports:
              - containerPort: 3000
                protocol: TCP
              readinessProbe:
                failureThreshold: 3
                periodSeconds: 5
                tcpSocket:
                  port: 3000
                timeoutSeconds: 3
              securityContext:
                allowPrivilegeEscalation: false
              volumeMounts:
              - mountPath: /dev/shm
                name: scratch-dev-shm
              - mountPath: /etc/gcp.json
                name: secret-files
                readOnly: true
                subPath: file-b9182bc0-gcp.json
              - mountPath: /etc/grafana/grafana.ini
                name: config-files
                readOnly: true
                subPath: file-310ee65b-grafana.ini
              - mountPath: /shared
                name: storage-shared
              - mountPath: /tmp
                name: scratch-tmp
              - mountPath: /var/lib/grafana
                name: storage-var-lib-grafana
            enableServiceLinks: false
            imagePullSecrets:
            - name: seedling-pull
            securityContext:
              fsGroup: 472
              fsGroupChangePolicy: OnRootMismatch
              runAsGroup: 472
              runAsUser: 472
              seccompProfile:
                type: RuntimeDefault
            terminationGracePeriodSeconds: 40
            topologySpreadConstraints:
            - labelSelector:
                matchLabels:
                  seedling.dev/name: grafana
                  seedling.dev/type: service
              maxSkew: 1
              topologyKey: kubernetes.io/hostname
              whenUnsatisfiable: ScheduleAnyway
            volumes:
            - configMap:
                name: grafana-fdfd97e9
              name: config-files
            - name: secret-files
              secret:
                secretName: grafana-3245d424
            - emptyDir:
                medium: Memory
                sizeLimit: 4Gi
              name: scratch-dev-shm
            - emptyDir: {}
              name: scratch-tmp
            - name: storage-shared
              persistentVolumeClaim:
                claimName: grafana-shared
            - name: storage-var-lib-grafana
              persistentVolumeClaim:
                claimName: grafana-var-lib-grafana
        ");
}
