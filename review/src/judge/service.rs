//! `seedling_service`: what the model says a change does, and what stands in its way.

use seedling_model::{
    Arg, Effect, EffectKind,
    service::{self, Args, effects, rollout},
};

use super::{Judge, attributes, ours};
use crate::{
    Kind,
    plan::{Action, Change},
    secrecy,
};

/// What the change does.
pub fn judge(judge: &mut Judge, change: &Change) {
    let Some((before, after)) = ours::sides::<Args>(judge, change) else {
        return;
    };
    judge.cost_of_storage(change, before.as_ref(), after.as_ref());
    judge.capacity.service(change, after.as_ref());
    let subject = ours::subject(change);
    match (&change.action, &before, &after) {
        (Action::Create, _, Some(after)) => {
            say_effects(judge, change, &subject, &effects(None, Some(after), false));
        }
        (Action::Update, Some(before), Some(after)) => {
            update(judge, change, &subject, before, after);
            ours::common::<Args>(judge, change, &subject);
        }
        (Action::Delete, Some(before), _) => {
            say_effects(judge, change, &subject, &effects(Some(before), None, false));
        }
        (Action::DeleteThenCreate | Action::CreateThenDelete, Some(before), Some(after)) => {
            replace(judge, change, &subject, before, after);
        }
        _ => {}
    }
}

fn update(judge: &mut Judge, change: &Change, subject: &str, before: &Args, after: &Args) {
    let changed = attributes::arguments_changed(change);
    let (after, unknown) = settled(before, after);
    let certain = effects(Some(before), Some(&after), !unknown.is_empty());
    let why = reasons(change, &changed, before, &after);
    for effect in &certain {
        let mut finding = judge.finding(kind(effect.kind), change, subject, &*effect.sentence);
        if effect.kind == EffectKind::Restart {
            finding.details.clone_from(&why);
            finding.details.extend(cautions(&after));
        }
        judge.findings.push(finding);
    }
    if ours::is_by_secret(change) {
        for effect in effects(Some(before), Some(&after), true) {
            let mut finding = judge.finding(kind(effect.kind), change, subject, effect.sentence);
            finding.by_secret = true;
            finding.details.push("because secret values change".into());
            judge.findings.push(finding);
        }
    }
    if !unknown.is_empty() {
        let sentence = format!(
            "{} known only after apply: the effects are counted without",
            listed(&unknown)
        );
        judge.say(Kind::Unknown, change, subject, sentence);
    }
    resumed(judge, change, subject);
    secrets_too(judge, change, subject, &certain);
    let silent = certain.is_empty() && !changed.is_empty() && !ours::is_by_secret(change);
    if silent {
        let sentence = format!("{} changes; no pod restarts", changed.join(", "));
        judge.say(Kind::Change, change, subject, sentence);
    }
    grown(judge, change, subject, before, &after);
}

fn replace(judge: &mut Judge, change: &Change, subject: &str, before: &Args, after: &Args) {
    for effect in effects(Some(before), None, false) {
        if effect.kind == EffectKind::StorageLost {
            judge.say(Kind::Loss, change, subject, effect.sentence);
        }
    }
    let sentence = ours::replacement(change).unwrap_or_default();
    let old = service_name(before);
    let gone = (old != service_name(after)).then(|| format!("; {old} answers no more"));
    judge.say(
        Kind::Destroy,
        change,
        subject,
        sentence + &gone.unwrap_or_default(),
    );
    let answers = !service::service_ports(before).is_empty();
    if answers && change.action == Action::DeleteThenCreate {
        judge.say(
            Kind::Downtime,
            change,
            subject,
            "nothing answers from the removal of the old pods until the new ones are ready",
        );
    }
    say_effects(judge, change, subject, &effects(None, Some(after), false));
}

fn service_name(args: &Args) -> String {
    format!("{}/{}", args.environment.text(), args.name.text())
}

fn say_effects(judge: &mut Judge, change: &Change, subject: &str, effects: &[Effect]) {
    for effect in effects {
        judge.say(kind(effect.kind), change, subject, &*effect.sentence);
    }
}

fn kind(kind: EffectKind) -> Kind {
    match kind {
        EffectKind::StorageLost => Kind::Loss,
        EffectKind::Removed => Kind::Destroy,
        EffectKind::Downtime => Kind::Downtime,
        EffectKind::Exposure => Kind::Exposure,
        EffectKind::Restart => Kind::Restart,
        EffectKind::Scale => Kind::Scale,
        EffectKind::Created => Kind::Create,
    }
}

/// The arguments with those as before whose values are not known yet, and their names. Taken for absent, an unknown
/// number of replicas would look like a change to one.
fn settled(before: &Args, after: &Args) -> (Args, Vec<&'static str>) {
    let mut settled = after.clone();
    let mut unknown = Vec::new();
    macro_rules! settle {
        ($($name:ident),+) => {
            $(if settled.$name.is_unknown() {
                settled.$name = before.$name.clone();
                unknown.push(stringify!($name));
            })+
        };
    }
    settle!(
        image, port, ports, replicas, autoscale, config, files, storage, resources, health,
        rollout, node_pool, identity, command, args, pod_patch, sidecars, init, scratch
    );
    (settled, unknown)
}

fn listed(names: &[&str]) -> String {
    match names {
        [one] => format!("{one} is"),
        many => format!("{} are", many.join(", ")),
    }
}

/// Why pods restart: the image first, since that is what people look for.
fn reasons(change: &Change, changed: &[String], before: &Args, after: &Args) -> Vec<String> {
    let mut reasons = Vec::new();
    if let (Arg::Given(old), Arg::Given(new)) = (&before.image, &after.image)
        && old != new
    {
        reasons.push(image_change(change, old, new));
    }
    let others: Vec<&str> = changed
        .iter()
        .map(String::as_str)
        .filter(|name| *name != "image" || change.values.is_unknown("image"))
        .collect();
    if !others.is_empty() {
        reasons.push(format!("changes: {}", others.join(", ")));
    }
    reasons
}

/// Both images, where nothing speaks against showing them.
fn image_change(change: &Change, old: &str, new: &str) -> String {
    let [old, new] = [old, new].map(|image| secrecy::shown(&image.into()));
    match (change.values.is_masked("image"), old, new) {
        (false, Some(old), Some(new)) => format!("image {old} → {new}"),
        _ => "changes: image".to_owned(),
    }
}

/// What makes a restart less safe than it looks.
fn cautions(after: &Args) -> Vec<String> {
    let mut cautions = Vec::new();
    let extra = rollout::strategy(after).extra_at_most(rollout::most_pods(after));
    if extra > 0 {
        cautions.push(format!(
            "up to {extra} more pods than usual meanwhile; the nodes and the quota must have room"
        ));
    }
    if !service::service_ports(after).is_empty() && after.health.is_absent() {
        cautions.push(
            "without `health` a pod counts as ready as soon as its port accepts connections".into(),
        );
    }
    cautions
}

/// Any other change hides whether secret values change as well. Where pods restart anyway, it makes no difference.
fn secrets_too(judge: &mut Judge, change: &Change, subject: &str, certain: &[Effect]) {
    let restarts = certain
        .iter()
        .any(|effect| effect.kind == EffectKind::Restart);
    let keys = ours::secret_keys(change, "secret_digests");
    let hidden = change.values.is_unknown("secret_digests") && !ours::is_by_secret(change);
    if hidden && !restarts && !keys.is_empty() {
        let sentence = format!(
            "whether secret values change too, and pods restart for it, shows only at apply: {}",
            keys.join(", ")
        );
        judge.say(Kind::Unknown, change, subject, sentence);
    }
}

/// A rollout that had not ended well is taken up again.
fn resumed(judge: &mut Judge, change: &Change, subject: &str) {
    let status = change.values.before("rollout_status").as_str();
    if status.is_some_and(|status| status != "complete") {
        judge.say(
            Kind::Restart,
            change,
            subject,
            "its last rollout has not ended; it is taken up again",
        );
    }
}

fn grown(judge: &mut Judge, change: &Change, subject: &str, before: &Args, after: &Args) {
    let (Some(old), Some(new)) = (before.storage.given(), after.storage.given()) else {
        return;
    };
    for (path, storage) in new {
        let sizes = (
            old.get(path).and_then(Arg::given).map(|it| it.size.text()),
            storage.given().map(|it| it.size.text()),
        );
        if let (Some(before), Some(after)) = sizes
            && before != after
        {
            let sentence = format!(
                "the claim for {path} grows from {before} to {after}; it cannot shrink again"
            );
            judge.say(Kind::Change, change, subject, sentence);
        }
    }
}
