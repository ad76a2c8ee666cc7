//! What the API server says to the Deployment and to one of its pods, asked at plan.
//!
//! Quota and Pod Security judge pods, not Deployments, so a Deployment alone would pass. The
//! answers become diagnostics, never planned values.

use seedling_model::{
    Object, labels,
    quantity::Quantity,
    service::{self, Args, Live, Names, rollout},
};
use seedling_schema::{Diagnostic, Diagnostics};
use serde_json::{Value as Json, json};

use super::{
    parts,
    secrets::{self, LiveSecret},
    strategy, writing,
};
use crate::{
    kubernetes::{Apply, Cluster, Failure, Kind, kinds},
    session::Session,
};

/// One service's questions.
struct Inquiry<'a> {
    cluster: &'a Cluster,
    environment: &'a str,
    title: String,
}

/// Asks about the Deployment, one pod, and the quota for all of them.
pub async fn check(
    session: &Session,
    args: &Args,
    live: Option<&LiveSecret>,
) -> Result<Diagnostics, Diagnostic> {
    let environment = args.environment.text();
    let inquiry = Inquiry {
        cluster: session.cluster().await?,
        environment,
        title: format!("{environment}/{}", args.name.text()),
    };
    let deployed = writing::deployment(inquiry.cluster, args).await?;
    let selector = Live {
        selector: deployed.as_ref().map(parts::live_selector),
    };
    let names = Names {
        config_map: service::config_map_name(args),
        secret: secrets::planned_name(args, live),
        secret_keys: service::secret_keys(args),
    };
    let bundle = parts::bundle(session, args, &names, &selector)?;
    let mut found = match &deployed {
        // Before its fields are ours, a dry run would mix both managers' fields.
        Some(foreign)
            if !foreign
                .labels()
                .is_some_and(|it| it.contains_key(labels::PROJECT)) =>
        {
            Diagnostics::default()
        }
        Some(deployed) if strategy::stands_in_the_way(bundle.leading(), deployed) => {
            Diagnostics::default()
        }
        Some(_) => {
            inquiry
                .deployment(bundle.leading(), &Apply::update().dry())
                .await
        }
        None => {
            inquiry
                .deployment(bundle.leading(), &Apply::create().dry())
                .await
        }
    };
    if found.is_empty() {
        found.extend(inquiry.pod(bundle.leading()).await);
    }
    if found.is_empty() {
        found.extend(
            inquiry
                .quota(args, bundle.leading(), deployed.as_ref())
                .await,
        );
    }
    Ok(found)
}

impl Inquiry<'_> {
    async fn deployment(&self, deployment: &Object, how: &Apply<'_>) -> Diagnostics {
        match self.cluster.apply(deployment, how).await {
            Ok(_) => Diagnostics::default(),
            Err(failure) => {
                self.judge(&failure, kinds::DEPLOYMENT, "the Deployment")
                    .await
            }
        }
    }

    async fn pod(&self, deployment: &Object) -> Diagnostics {
        let path = kinds::POD.path(Some(self.environment));
        match self.cluster.ask(&path, &sample_pod(deployment)).await {
            Ok(_) => Diagnostics::default(),
            // A rollout may free what other pods hold now: the count of all pods speaks of it.
            Err(failure) if failure.is_forbidden() && self.is_crowded_out(deployment).await => {
                Diagnostics::default()
            }
            Err(failure) => self.judge(&failure, kinds::POD, "a pod of it").await,
        }
    }

    /// Whether one pod fits every quota, and no longer fits beside what is used.
    async fn is_crowded_out(&self, deployment: &Object) -> bool {
        let (quotas, pod) = (self.quotas().await, pod_needs(deployment));
        let lacks = |used: bool| {
            let lacking = |quota| !shortfalls(quota, &pod, used, 1).is_empty();
            quotas.iter().any(lacking)
        };
        lacks(true) && !lacks(false)
    }

    /// The quotas of the environment, whoever set them; none where they may not be read.
    async fn quotas(&self) -> Vec<Object> {
        let all = kube::api::ListParams::default();
        let quotas = self
            .cluster
            .list(kinds::RESOURCE_QUOTA, Some(self.environment), &all);
        quotas.await.unwrap_or_default()
    }

    /// What a refusal means: an error where apply would meet the same, a warning where the plan
    /// simply cannot know.
    async fn judge(&self, failure: &Failure, kind: Kind, what: &str) -> Diagnostics {
        let title = &self.title;
        let unchecked = |why: String| -> Diagnostics {
            Diagnostic::warning(
                format!("{title} could not be checked by the API server"),
                format!("{why} Mistakes that only the API server sees show at apply."),
            )
            .into()
        };
        match failure {
            // The environment is made in the same apply.
            Failure::NotFound(_) => Diagnostics::default(),
            Failure::Forbidden(_) if !self.cluster.may("create", kind, self.environment).await => unchecked(format!(
                "The identity of the provider's `cluster` block may not create {} in {}, so nothing was tried.",
                kind.plural, self.environment
            )),
            // What admission refuses now it may allow once the environment is changed.
            Failure::Forbidden(_) if self.cluster.cache.is_changing(self.environment) => unchecked(format!(
                "Its environment changes in the same apply, and as it is now it refuses {what}: {}.",
                failure.message()
            )),
            Failure::Refused(status) if is_webhook_without_dry_run(&status.message) => unchecked(
                format!("An admission webhook does not support dry runs: {}.", status.message),
            ),
            Failure::Forbidden(_) | Failure::Refused(_) | Failure::Conflict(_) => Diagnostic::error(
                format!("The API server refuses {title}"),
                format!("It was asked, without changing anything, to take {what}, and said:\n\n{}\n\nApply would fail in the same way: change what the message names.", failure.message()),
            )
            .into(),
            _ => failure.diagnostic(&format!("ask the API server about {title}")).into(),
        }
    }

    /// A warning where all pods, with the extra ones of a rollout, would not fit a quota.
    async fn quota(
        &self,
        args: &Args,
        deployment: &Object,
        deployed: Option<&Object>,
    ) -> Diagnostics {
        let there = deployed
            .and_then(|it| it.at("/status/replicas").as_i64())
            .unwrap_or(0);
        let wanted = rollout::fewest_pods(args);
        let most = wanted.saturating_add(rollout::strategy(args).extra_at_most(wanted));
        let extra = most.saturating_sub(there).max(0);
        let pod = pod_needs(deployment);
        let lacking: Vec<String> = self
            .quotas()
            .await
            .iter()
            .flat_map(|quota| shortfalls(quota, &pod, true, extra))
            .collect();
        if lacking.is_empty() {
            return Diagnostics::default();
        }
        Diagnostic::warning(
            format!("{} may not fit the quota of {}", self.title, self.environment),
            format!("With the extra pods of a rollout it has up to {most} pods, {extra} more than now:\n\n  {}\n\nRaise the environment's `quota`, or lower `resources`, the number of pods or `rollout.max_surge`.", lacking.join("\n  ")),
        )
        .into()
    }
}

/// One pod from the template. A service account that does not exist yet would be refused.
fn sample_pod(deployment: &Object) -> Json {
    let template = deployment.at("/spec/template");
    let mut pod = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": template["metadata"],
        "spec": template["spec"],
    });
    pod["metadata"]["generateName"] = format!("{}-", deployment.name()).into();
    if let Some(spec) = pod["spec"].as_object_mut() {
        spec.remove("serviceAccountName");
    }
    pod
}

/// The API server's own words for a webhook whose `sideEffects` rule dry runs out
/// (`k8s.io/apiserver/pkg/admission/plugin/webhook/errors`); the status has no field for it.
fn is_webhook_without_dry_run(message: &str) -> bool {
    message.contains("does not support dry run")
}

/// What one pod takes of a quota, by the quota's names.
fn pod_needs(deployment: &Object) -> Vec<(String, Quantity)> {
    let containers = deployment.at("/spec/template/spec/containers").as_array();
    let mut needs: Vec<(String, Quantity)> = Quantity::parse("1")
        .map(|one| ("pods".to_owned(), one))
        .into_iter()
        .collect();
    for container in containers.into_iter().flatten() {
        let resources = &container["resources"];
        for group in ["requests", "limits"] {
            // As the API server defaults them: what is only limited is requested as well.
            let defaults = resources["limits"]
                .as_object()
                .filter(|_| group == "requests");
            let mut amounts = defaults.cloned().unwrap_or_default();
            amounts.extend(resources[group].as_object().cloned().unwrap_or_default());
            for (name, amount) in amounts {
                if let Some(Ok(amount)) = amount.as_str().map(Quantity::parse) {
                    needs.push((format!("{group}.{name}"), amount));
                }
            }
        }
    }
    needs
}

/// What `extra` pods would lack, beside what is used already or by themselves.
fn shortfalls(
    quota: &Object,
    pod: &[(String, Quantity)],
    beside_used: bool,
    extra: i64,
) -> Vec<String> {
    let hard = quota.at("/spec/hard").as_object();
    let limits = hard.into_iter().flatten().filter_map(|(name, limit)| {
        let limit = Quantity::parse(limit.as_str()?).ok()?;
        let used = quota
            .at("/status/used")
            .get(name)
            .and_then(Json::as_str)
            .filter(|_| beside_used)
            .unwrap_or("0");
        let used = Quantity::parse(used).ok()?;
        let one: Quantity = pod
            .iter()
            .filter(|(need, _)| need == name)
            .map(|(_, amount)| *amount)
            .sum();
        let after = used + one.times(extra);
        (!one.is_zero() && after > limit)
            .then(|| format!("{name}: {after} would be used of {limit}"))
    });
    limits.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quota_counts_all_pods_and_the_extra_ones() {
        let deployment = Object(json!({"spec": {"template": {"spec": {"containers": [
            {"resources": {"requests": {"cpu": "500m"}}},
            {"resources": {"requests": {"cpu": "250m"}}},
        ]}}}}));
        let quota = Object(json!({
            "spec": {"hard": {"requests.cpu": "2", "pods": "10"}},
            "status": {"used": {"requests.cpu": "500m", "pods": "1"}},
        }));
        let needs = pod_needs(&deployment);
        assert_eq!(shortfalls(&quota, &needs, true, 2), Vec::<String>::new());
        assert_eq!(shortfalls(&quota, &needs, false, 2), Vec::<String>::new());
        assert_eq!(
            shortfalls(&quota, &needs, true, 3),
            ["requests.cpu: 2750m would be used of 2"]
        );
    }
}
