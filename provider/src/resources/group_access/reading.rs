//! Refresh: which bindings and Roles others changed, removed or added.

use seedling_model::{
    access::{self, Args},
    labels,
};
use seedling_schema::{Diagnostic, Diagnostics, Private, ReadReply, ReadRequest, Value};

use super::{
    TYPE_NAME,
    grants::{self, Grant},
    group_id,
    writing::home,
};
use crate::{
    kubernetes::{
        Cluster, Failure,
        drift::{compare, is_owned},
        kinds,
    },
    resources::support::{arguments::arguments, identity_of, notes},
    session::{Home, Session},
};

/// Reads what exists. Gone is only what has none of its bindings left.
pub async fn read(session: &Session, request: &ReadRequest) -> Result<ReadReply, Diagnostic> {
    let args: Args = arguments(&request.state)?;
    let mut private = request.private.clone();
    if session.home(home(&args), &private).await? == Home::Forgotten {
        return Ok(ReadReply::default());
    }
    let cluster = session.cluster().await?;
    let group_id = group_id(&args)?;
    let grants = grants::all(session, &args, &group_id);
    let reading =
        |failure: Failure| failure.diagnostic(&format!("read the access of group {group_id}"));
    let mut found = Vec::new();
    for grant in grants {
        found.push(
            Found::read(cluster, grant, &mut private)
                .await
                .map_err(reading)?,
        );
    }
    if !found.is_empty() && found.iter().all(|it| it.is_missing) {
        return Ok(ReadReply::default());
    }
    let drift = found
        .into_iter()
        .flat_map(|it| it.drift)
        .collect::<Vec<_>>();
    let mut state = request.state.clone();
    state.set("drift", Value::from(drift));
    state.set("group_id", Value::from(group_id.as_str()));
    session
        .remember_home(home(&args), &mut private)
        .await
        .map_err(reading)?;
    Ok(ReadReply {
        identity: Some(identity_of(&[("group_id", &group_id)])),
        state: Some(state),
        private,
        diagnostics: Diagnostics::default(),
    })
}

/// One environment as it is.
struct Found {
    is_missing: bool,
    drift: Vec<String>,
}

impl Found {
    async fn read(cluster: &Cluster, grant: Grant, private: &mut Private) -> Result<Self, Failure> {
        let environment = grant.environment.as_str();
        let name = grant.binding.leading().name();
        cluster.cache.hold(TYPE_NAME, &grant.binding.import_id);
        let live = cluster
            .read(kinds::ROLE_BINDING, Some(environment), name)
            .await?;
        if let (None, Some(live)) = (notes::created(private), &live) {
            let created = live.annotation(labels::CREATED).unwrap_or_default();
            notes::set_created(private, created);
        }
        let mut drift = others(cluster, &grant).await?;
        let binding = grant
            .binding
            .created_at(notes::created(private).unwrap_or_default());
        let mut differences = compare(binding.leading(), live.as_deref());
        if let Some(role) = &grant.role {
            let live = cluster
                .read(kinds::ROLE, Some(environment), role.name())
                .await?;
            differences.extend(compare(role, live.as_deref()));
        }
        let sentences = differences
            .iter()
            .map(|difference| format!("{environment}: {}", difference.sentence()));
        drift.extend(sentences);
        Ok(Self {
            is_missing: live.is_none(),
            drift,
        })
    }
}

/// Bindings of the group that the state does not know: an apply that was killed may have left one,
/// and it gives rights.
async fn others(cluster: &Cluster, grant: &Grant) -> Result<Vec<String>, Failure> {
    let environment = grant.environment.as_str();
    let bundle = &grant.binding;
    let live = cluster.known(kinds::ROLE_BINDING, environment).await?;
    let unknown = live.iter().filter(|binding| {
        is_owned(binding, cluster.project(), access::TYPE, &bundle.name)
            && binding.name() != bundle.leading().name()
    });
    Ok(unknown
        .map(|binding| {
            let role = binding.at("/roleRef/name").as_str().unwrap_or_default();
            format!(
                "{environment}: RoleBinding/{} gives the group the role {role} too",
                binding.name()
            )
        })
        .collect())
}
