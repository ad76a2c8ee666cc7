//! All objects of one resource, written as one: in order, with the marks that make every write
//! repeatable.
//!
//! A create writes the leading object with the mark `seedling.dev/unfinished` and takes it off in
//! its very last write, which leaves `seedling.dev/created`. Killed anywhere in between, the next
//! apply finds the mark and goes on.

use futures::future::try_join_all;
use kube::api::ListParams;
use seedling_model::{Object, labels};
use seedling_schema::Diagnostic;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{
    Apply, Cluster, Failure, Kind, adoption,
    drift::{self, Difference},
    ownership::{self, Claim, Verdict},
};

/// The objects of one resource and who owns them.
pub struct Bundle {
    /// Value of the label `seedling.dev/type`: `service`.
    pub type_label: &'static str,
    /// Terraform's type: `seedling_service`.
    pub type_name: &'static str,
    /// Value of the label `seedling.dev/name`.
    pub name: String,
    /// How people call it: `prod/api`.
    pub title: String,
    /// Import id.
    pub import_id: String,
    /// Namespace of its objects; none for an environment.
    pub namespace: Option<String>,
    /// Everything, in the order in which it is written.
    pub objects: Vec<Object>,
    /// Which of [`Bundle::objects`] carries marks and intent.
    pub leading: usize,
}

impl Bundle {
    /// The object that carries marks and intent.
    pub fn leading(&self) -> &Object {
        &self.objects[self.leading]
    }

    /// The objects of one kind.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Object> {
        self.objects
            .iter()
            .filter(move |object| object.kind() == kind.kind)
    }

    /// Whether a create may write this.
    pub async fn judge(&self, cluster: &Cluster, adopt: bool) -> Result<Verdict, Failure> {
        let claim = Claim {
            project: cluster.project(),
            type_label: self.type_label,
            name: &self.name,
            title: &self.title,
            type_name: self.type_name,
            import_id: &self.import_id,
            leading: self.leading(),
            objects: &self.objects,
            adopt,
        };
        ownership::judge(cluster, &claim).await
    }

    /// The same objects with the time of their creation on the leading one, as a finished
    /// resource has them.
    #[must_use]
    pub fn created_at(mut self, created: &str) -> Self {
        self.objects[self.leading].annotate(labels::CREATED, created);
        self
    }

    /// Applies every object in order. The first failure ends it and says what was being written.
    /// Gives the leading object as the server now has it.
    pub async fn write(&self, cluster: &Cluster, how: &Apply<'_>) -> Result<Object, Diagnostic> {
        self.write_all(self.leading(), &[], cluster, how).await
    }

    /// [`Bundle::write`] without the objects that are known to be there as they are wanted. The
    /// leading one is always written.
    pub async fn write_unsettled(
        &self,
        settled: &[Object],
        cluster: &Cluster,
        how: &Apply<'_>,
    ) -> Result<Object, Diagnostic> {
        self.write_all(self.leading(), settled, cluster, how).await
    }

    /// [`Bundle::write`] of a create: the leading object is marked as unfinished.
    pub async fn write_unfinished(
        &self,
        cluster: &Cluster,
        how: &Apply<'_>,
    ) -> Result<Object, Diagnostic> {
        let mut marked = self.leading().clone();
        // The time, so that each attempt is a change which the controllers see.
        marked.annotate(labels::UNFINISHED, &now());
        self.write_all(&marked, &[], cluster, how).await
    }

    async fn write_all(
        &self,
        leading: &Object,
        settled: &[Object],
        cluster: &Cluster,
        how: &Apply<'_>,
    ) -> Result<Object, Diagnostic> {
        let mut written = leading.clone();
        for (index, object) in self.objects.iter().enumerate() {
            if index == self.leading {
                written = self.write_one(cluster, leading, how).await?;
            } else if !settled.contains(object) {
                self.write_one(cluster, object, how).await?;
            }
        }
        Ok(written)
    }

    /// Makes the fields of imported foreign objects ours, so that the next write also removes what
    /// only the earlier manager had set.
    pub async fn take_over(&self, cluster: &Cluster) -> Result<(), Diagnostic> {
        for object in &self.objects {
            let what = format!(
                "take over {}/{} of {}",
                object.kind(),
                object.name(),
                self.title
            );
            let migrated = async {
                let live = ownership::live(cluster, object).await?;
                match live.filter(|live| live.label(labels::PROJECT).is_none()) {
                    Some(foreign) => adoption::migrate(cluster, &foreign).await,
                    None => Ok(()),
                }
            };
            migrated
                .await
                .map_err(|failure: Failure| failure.diagnostic(&what))?;
        }
        Ok(())
    }

    /// The very last write of a create: takes the mark off and leaves the time, which is returned.
    pub async fn finish(&self, cluster: &Cluster) -> Result<String, Diagnostic> {
        let created = now();
        self.mark(cluster, labels::CREATED, &created).await?;
        Ok(created)
    }

    /// Makes the controllers look again at what they have given up for minutes: they see a change.
    /// The next write takes the mark off.
    pub async fn retry(&self, cluster: &Cluster) -> Result<(), Diagnostic> {
        self.mark(cluster, labels::RETRIED, &now()).await
    }

    async fn mark(&self, cluster: &Cluster, name: &str, value: &str) -> Result<(), Diagnostic> {
        let mut marked = self.leading().clone();
        marked.annotate(name, value);
        self.write_one(cluster, &marked, &Apply::update())
            .await
            .map(|_| ())
    }

    /// Writes the leading object as it is, without further marks.
    pub async fn write_leading(&self, cluster: &Cluster) -> Result<(), Diagnostic> {
        self.write_one(cluster, self.leading(), &Apply::update())
            .await
            .map(|_| ())
    }

    async fn write_one(
        &self,
        cluster: &Cluster,
        object: &Object,
        how: &Apply<'_>,
    ) -> Result<Object, Diagnostic> {
        let what = format!(
            "write {}/{} of {}",
            object.kind(),
            object.name(),
            self.title
        );
        let written = cluster.apply(object, how).await;
        written.map_err(|failure| failure.diagnostic(&what))
    }

    /// Whether the live leading object is another than the one that a state's notes stand for.
    /// Then it must not be removed on their behalf; the warning says why it stays.
    pub async fn superseded(
        &self,
        cluster: &Cluster,
        created: Option<&str>,
    ) -> Result<Option<Diagnostic>, Diagnostic> {
        let live = ownership::live(cluster, self.leading())
            .await
            .map_err(|failure| failure.diagnostic(&format!("look for {}", self.title)))?;
        Ok(live.filter(|live| ownership::is_superseded(live, created)).map(|_| {
            Diagnostic::warning(
                format!("{} stays", self.title),
                "Another create has made it its own since this state was written, so it is not removed. If this was a replacement, drop `create_before_destroy`: two resources cannot have one name.",
            )
        }))
    }

    /// Removes objects with our labels that the configuration no longer asks for.
    pub async fn collect(&self, cluster: &Cluster, kinds: &[Kind]) -> Result<(), Diagnostic> {
        for kind in kinds {
            let live = self.owned(cluster, *kind).await?;
            self.remove_unwanted(cluster, *kind, live.iter()).await?;
        }
        Ok(())
    }

    /// [`Bundle::collect`] of what was there when this run listed the project's objects. Enough
    /// after a success: what this run has written itself is wanted.
    pub async fn collect_known(&self, cluster: &Cluster, kinds: &[Kind]) -> Result<(), Diagnostic> {
        for kind in kinds {
            let known = cluster
                .known(*kind, self.namespace.as_deref().unwrap_or_default())
                .await;
            let known = known.map_err(|failure| self.unlisted(*kind, &failure))?;
            let ours = known.iter().map(AsRef::as_ref).filter(|object| {
                drift::is_owned(object, cluster.project(), self.type_label, &self.name)
            });
            self.remove_unwanted(cluster, *kind, ours).await?;
        }
        Ok(())
    }

    async fn remove_unwanted<'a>(
        &self,
        cluster: &Cluster,
        kind: Kind,
        live: impl Iterator<Item = &'a Object> + Send,
    ) -> Result<(), Diagnostic> {
        for object in live {
            let same =
                |wanted: &Object| wanted.kind() == kind.kind && wanted.name() == object.name();
            if !self.objects.iter().any(same) {
                self.remove(cluster, kind, object).await?;
            }
        }
        Ok(())
    }

    fn unlisted(&self, kind: Kind, failure: &Failure) -> Diagnostic {
        failure.diagnostic(&format!("list the {} of {}", kind.plural, self.title))
    }

    /// The live objects of one kind that carry our labels.
    pub async fn owned(&self, cluster: &Cluster, kind: Kind) -> Result<Vec<Object>, Diagnostic> {
        let selector = ListParams::default().labels(&format!(
            "{}={},{}={},{}={}",
            labels::PROJECT,
            cluster.project(),
            labels::TYPE,
            self.type_label,
            labels::NAME,
            self.name
        ));
        cluster
            .list(kind, self.namespace.as_deref(), &selector)
            .await
            .map_err(|failure| self.unlisted(kind, &failure))
    }

    /// Deletes one live object, guarded by its uid.
    pub async fn remove(
        &self,
        cluster: &Cluster,
        kind: Kind,
        object: &Object,
    ) -> Result<(), Diagnostic> {
        cluster
            .delete(kind, object.namespace(), object.name(), object.uid())
            .await
            .map_err(|failure| {
                failure.diagnostic(&format!(
                    "remove {}/{} of {}",
                    kind.kind,
                    object.name(),
                    self.title
                ))
            })
    }

    /// Compares with the live objects. `None` says that none of them is left.
    pub async fn drift(&self, cluster: &Cluster) -> Result<Option<Vec<Difference>>, Failure> {
        cluster.cache.hold(self.type_name, &self.import_id);
        let reads = self.objects.iter().map(|object| async move {
            match Kind::of(object.api_version(), object.kind()) {
                Some(kind) => cluster.read(kind, object.namespace(), object.name()).await,
                None => Ok(None),
            }
        });
        let live = try_join_all(reads).await?;
        if live.iter().all(Option::is_none) {
            return Ok(None);
        }
        let pairs = self.objects.iter().zip(live);
        Ok(Some(
            pairs
                .flat_map(|(wanted, live)| drift::compare(wanted, live.as_deref()))
                .collect(),
        ))
    }
}

/// The time of creation that a foreign object lacks: the time at which it became ours.
pub fn created_or_now(created: Option<&str>) -> String {
    created
        .filter(|text| !text.is_empty())
        .map_or_else(now, str::to_owned)
}

/// The present time as it stands in annotations.
fn now() -> String {
    let now = OffsetDateTime::now_utc();
    now.replace_nanosecond(0)
        .unwrap_or(now)
        .format(&Rfc3339)
        .unwrap_or_default()
}
