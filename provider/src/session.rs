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
        let remembered = private
            .get(CLUSTER)
            .and_then(|uid| uid.as_str())
            .unwrap_or_default();
        if remembered.is_empty() {
            return Ok(Home::Same);
        }
        let cluster = self.cluster().await?;
        let uid = cluster
            .uid(namespace)
            .await
            .map_err(|failure| failure.diagnostic("tell which cluster this is"))?;
        if uid.is_empty() || uid == remembered {
            return Ok(Home::Same);
        }
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

    /// Notes the answering cluster in the private notes.
    pub async fn remember_home(
        &self,
        namespace: &str,
        private: &mut Private,
    ) -> Result<(), Failure> {
        if let Ok(cluster) = self.cluster().await {
            private.set(CLUSTER, cluster.uid(namespace).await?);
        }
        Ok(())
    }
}
