//! Roles of ours and role bindings.

use serde_json::{Value, json};

use super::{Args, TYPE, roles};
use crate::{Context, Object, Rendered, labels};

const API_GROUP: &str = "rbac.authorization.k8s.io";
const API_VERSION: &str = "rbac.authorization.k8s.io/v1";

/// Per environment: the Role, where the role is one of ours, then the RoleBinding. A Role of ours is the same for
/// all groups of an environment and goes with the last binding that refers to it. `group_id` is the group's object
/// id. What is unknown counts as absent.
pub fn render(args: &Args, context: &Context, group_id: &str) -> Rendered {
    let environments = args.environments.given().into_iter().flatten();
    let objects = environments.flat_map(|(environment, role)| {
        let Some(role) = role.given() else {
            return Vec::new();
        };
        let binding = binding(context, environment, role, group_id);
        our_role(context, environment, role)
            .into_iter()
            .chain([binding])
            .collect()
    });
    Rendered {
        objects: objects.collect(),
    }
}

/// The name of a binding. The role is part of it, because a binding's role cannot be changed.
pub fn binding_name(role: &str, group_id: &str) -> String {
    format!("seedling-{role}-{group_id}")
}

/// The content of one binding's annotation: the group as it is written. Everything else stands in the binding.
pub fn intent(args: &Args) -> Value {
    crate::intent::write(args, &["environments"])
}

fn our_role(context: &Context, environment: &str, role: &str) -> Option<Object> {
    let object = Object::new(
        API_VERSION,
        "Role",
        Some(environment),
        &format!("seedling-{role}"),
    );
    Some(
        object
            .labelled(&labels::of_resource(context, TYPE, role))
            .with("rules", roles::rules(role)?),
    )
}

fn binding(context: &Context, environment: &str, role: &str, group_id: &str) -> Object {
    let (kind, name) = match roles::rules(role) {
        Some(_) => ("Role", format!("seedling-{role}")),
        None => ("ClusterRole", role.to_owned()),
    };
    Object::new(
        API_VERSION,
        "RoleBinding",
        Some(environment),
        &binding_name(role, group_id),
    )
    .labelled(&labels::of_resource(context, TYPE, group_id))
    .with(
        "roleRef",
        json!({ "apiGroup": API_GROUP, "kind": kind, "name": name }),
    )
    .with(
        "subjects",
        json!([{ "apiGroup": API_GROUP, "kind": "Group", "name": group_id }]),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_of_kubernetes_and_one_of_ours() {
        let args = serde_json::from_value(
            json!({ "group": "Engineers", "environments": { "dev": "edit", "prod": "logs" } }),
        )
        .unwrap();
        let context = Context {
            project: "acme".into(),
            ..Context::default()
        };
        let objects = render(&args, &context, "0a1b2c3d-0000-1111-2222-333344445555").objects;
        let yaml: Vec<String> = objects
            .iter()
            .map(|object| crate::object::yaml(&object.0))
            .collect();
        insta::assert_snapshot!(yaml.join("---\n"), @r"
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata:
          labels:
            app.kubernetes.io/managed-by: seedling
            app.kubernetes.io/name: 0a1b2c3d-0000-1111-2222-333344445555
            seedling.dev/name: 0a1b2c3d-0000-1111-2222-333344445555
            seedling.dev/project: acme
            seedling.dev/type: group_access
          name: seedling-edit-0a1b2c3d-0000-1111-2222-333344445555
          namespace: dev
        roleRef:
          apiGroup: rbac.authorization.k8s.io
          kind: ClusterRole
          name: edit
        subjects:
        - apiGroup: rbac.authorization.k8s.io
          kind: Group
          name: 0a1b2c3d-0000-1111-2222-333344445555
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata:
          labels:
            app.kubernetes.io/managed-by: seedling
            app.kubernetes.io/name: logs
            seedling.dev/name: logs
            seedling.dev/project: acme
            seedling.dev/type: group_access
          name: seedling-logs
          namespace: prod
        rules:
        - apiGroups:
          - ''
          resources:
          - pods
          - pods/log
          - events
          - configmaps
          verbs:
          - get
          - list
          - watch
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata:
          labels:
            app.kubernetes.io/managed-by: seedling
            app.kubernetes.io/name: 0a1b2c3d-0000-1111-2222-333344445555
            seedling.dev/name: 0a1b2c3d-0000-1111-2222-333344445555
            seedling.dev/project: acme
            seedling.dev/type: group_access
          name: seedling-logs-0a1b2c3d-0000-1111-2222-333344445555
          namespace: prod
        roleRef:
          apiGroup: rbac.authorization.k8s.io
          kind: Role
          name: seedling-logs
        subjects:
        - apiGroup: rbac.authorization.k8s.io
          kind: Group
          name: 0a1b2c3d-0000-1111-2222-333344445555
        ");
    }
}
