//! The API server is asked, as a member of each group, who may do what.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use k8s_openapi::api::authorization::v1::{
    ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec,
};
use kube::api::{Api, PostParams};

use super::{Outcome, Step, count};
use crate::backend::BackendError;
use crate::proof::cluster::access_table::{self, Question};
use crate::proof::{Proof, ProofError};

/// Compares the server's answers with the table beside the configuration, else with what the roles mean.
pub struct Access;

#[async_trait]
impl Step for Access {
    fn key(&self) -> &'static str {
        "access"
    }

    fn deadline(&self) -> Duration {
        Duration::from_mins(3)
    }

    async fn run(&self, proof: &mut Proof<'_>, until: Instant) -> Result<Outcome, ProofError> {
        let (questions, origin) = questions(proof, until).await?;
        if questions.is_empty() {
            let reason = format!(
                "no group has access, and there is no {} beside the configuration",
                access_table::FILE
            );
            return Ok(Outcome::NotRun(reason));
        }
        let mut clients = BTreeMap::new();
        let mut wrong = Vec::new();
        for question in &questions {
            if !clients.contains_key(&question.group) {
                let access = proof.cluster.as_user("somebody", &question.group)?;
                clients.insert(
                    question.group.clone(),
                    access.client().await.map_err(BackendError::from)?,
                );
            }
            let answer = ask(&clients[&question.group], question).await?;
            if answer != question.allowed {
                let (should, is) = if answer { ("no", "yes") } else { ("yes", "no") };
                wrong.push(format!(
                    "{question}: should be {should}, the API server says {is}"
                ));
            }
        }
        if !wrong.is_empty() {
            let found = format!(
                "{} of {} differ:\n{}",
                wrong.len(),
                count(questions.len(), "answer"),
                wrong.join("\n")
            );
            return Err(ProofError::broken(found));
        }
        let groups = count(clients.len(), "group");
        Ok(Outcome::held(format!(
            "{} of {groups} agree with {origin}",
            count(questions.len(), "answer")
        )))
    }
}

async fn questions(
    proof: &Proof<'_>,
    until: Instant,
) -> Result<(Vec<Question>, String), ProofError> {
    let mut files: Vec<_> = proof
        .roots
        .iter()
        .filter_map(|r| access_table::find(&r.configuration.folder))
        .collect();
    files.dedup();
    if !files.is_empty() {
        let mut questions = Vec::new();
        for file in &files {
            questions.extend(access_table::read(file)?);
        }
        let names: Vec<String> = files
            .iter()
            .map(|file| file.display().to_string())
            .collect();
        return Ok((questions, names.join(", ")));
    }
    let mut states = Vec::new();
    for root in &proof.roots {
        states.push(root.state(until).await?);
    }
    let resources = states.iter().flat_map(|state| state.ours());
    let (access, others): (Vec<_>, Vec<_>) =
        resources.partition(|r| r.r#type == "seedling_group_access");
    let environments = others.iter().filter(|r| r.r#type == "seedling_environment");
    let environments: Vec<String> = environments.map(|r| r.text("name").to_owned()).collect();
    // One group may have several resources: then only the environments that this one names can be judged by it.
    let questions = access.iter().flat_map(|resource| {
        let alone = access
            .iter()
            .filter(|other| other.text("group") == resource.text("group"))
            .count()
            == 1;
        let named = |environment: &&String| {
            alone
                || resource
                    .values
                    .get("environments")
                    .is_some_and(|e| e.get(environment.as_str()).is_some())
        };
        access_table::from_roles(
            resource,
            &environments
                .iter()
                .filter(named)
                .cloned()
                .collect::<Vec<_>>(),
        )
    });
    Ok((
        questions.collect(),
        "the roles in the configuration".to_owned(),
    ))
}

async fn ask(client: &kube::Client, question: &Question) -> Result<bool, ProofError> {
    let (group, resource, subresource) = question.parts();
    let attributes = ResourceAttributes {
        namespace: Some(question.environment.clone()),
        verb: Some(question.verb.clone()),
        group: Some(group.to_owned()),
        resource: Some(resource.to_owned()),
        subresource: (!subresource.is_empty()).then(|| subresource.to_owned()),
        ..ResourceAttributes::default()
    };
    let review = SelfSubjectAccessReview {
        spec: SelfSubjectAccessReviewSpec {
            resource_attributes: Some(attributes),
            ..Default::default()
        },
        ..Default::default()
    };
    let api: Api<SelfSubjectAccessReview> = Api::all(client.clone());
    let answer = api
        .create(&PostParams::default(), &review)
        .await
        .map_err(ProofError::api(format!("asking: {question}")))?;
    Ok(answer.status.is_some_and(|status| status.allowed))
}
