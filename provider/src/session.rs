//! What one configured run of the provider knows: settings, and a cluster connected on first use.

use seedling_model::Context;
use seedling_schema::{Diagnostic, Path, Private};
use tokio::sync::OnceCell;

use crate::{
    config::OnReplaced,
    kubernetes::{
        Cluster, Failure,
        connection::{Endpoint, connect},
    },
    sandbox::Sandbox,
};

/// Private note: uid of the namespace that a resource lives in, for identities that know no more
/// of the cluster than that.
const NAMESPACE: &str = "namespace";
/// Private note: uid of the cluster that a resource lives in.
const CLUSTER: &str = "cluster";

/// The client that every resource gets.
pub struct Session {
    /// What rendering needs of the provider block.
    pub context: Context,
    /// Set while the harness drives this run.
    pub sandbox: Option<Sandbox>,
    /// What to do when another cluster answers.
    pub on_replaced: OnReplaced,
    endpoint: Endpoint,
    cluster: OnceCell<Cluster>,
}

/// Whether the cluster that answers is the one a resource remembers.
#[derive(Debug, PartialEq, Eq)]
pub enum Home {
    /// The same, or the resource remembers none.
    Same,
    /// Another cluster, and the provider block says to forget what was in the old one.
    Forgotten,
}

impl Session {
    /// A session that has not connected yet.
    pub fn new(
        context: Context,
        endpoint: Endpoint,
        sandbox: Option<Sandbox>,
        on_replaced: OnReplaced,
    ) -> Self {
        Self {
            context,
            sandbox,
            on_replaced,
            endpoint,
            cluster: OnceCell::new(),
        }
    }

    /// The cluster; connects when it is needed for the first time.
    pub async fn cluster(&self) -> Result<&Cluster, Diagnostic> {
        self.cluster
            .get_or_try_init(|| async {
                let client = connect(&self.endpoint).await?;
                Ok(Cluster::new(client, self.context.project.clone()))
            })
            .await
    }

    /// Whether protected environments may be destroyed, because the sandbox file says so.
    pub fn lifts_protection(&self) -> bool {
        self.sandbox
            .as_ref()
            .is_some_and(|sandbox| sandbox.lift_protection)
    }

    /// Compares the answering cluster with the one that the private notes remember.
    pub async fn home(&self, namespace: &str, private: &Private) -> Result<Home, Diagnostic> {
        let Some((remembered, uid)) = self.differing(namespace, private).await? else {
            return Ok(Home::Same);
        };
        match self.on_replaced {
            OnReplaced::Forget => Ok(Home::Forgotten),
            OnReplaced::Refuse => Err(Diagnostic::error(
                "Another cluster answers",
                format!(
                    "The state remembers a cluster whose uid is {remembered}; the one that answers has {uid}. If the provider's `cluster` block names the wrong cluster, correct it. If the cluster was replaced on purpose, set `cluster.on_replaced = \"forget\"`: its objects are then planned anew. Nothing was changed."
                ),
            )
            .at(Path::of("cluster"))),
        }
    }

    /// The remembered uid and the present one, where they differ. What one identity may read,
    /// another may not: only uids of the same thing are compared.
    async fn differing(
        &self,
        namespace: &str,
        private: &Private,
    ) -> Result<Option<(String, String)>, Diagnostic> {
        let note = |name: &str| private.get(name)?.as_str().map(str::to_owned);
        let telling = |failure: Failure| failure.diagnostic("tell which cluster this is");
        let (of_cluster, of_namespace) = (note(CLUSTER), note(NAMESPACE));
        if of_cluster.is_none() && of_namespace.is_none() {
            return Ok(None);
        }
        let cluster = self.cluster().await?;
        let uid = cluster.uid().await.map_err(telling)?;
        let pair = match of_cluster.zip(uid) {
            Some(pair) => Some(pair),
            None => of_namespace.zip(cluster.namespace_uid(namespace).await.map_err(telling)?),
        };
        Ok(pair.filter(|(remembered, present)| remembered != present))
    }

    /// Notes the answering cluster in the private notes.
    pub async fn remember_home(
        &self,
        namespace: &str,
        private: &mut Private,
    ) -> Result<(), Failure> {
        let Ok(cluster) = self.cluster().await else {
            return Ok(());
        };
        if let Some(uid) = cluster.uid().await? {
            private.set(CLUSTER, uid);
        }
        if let Some(uid) = cluster.namespace_uid(namespace).await? {
            private.set(NAMESPACE, uid);
        }
        Ok(())
    }
}
