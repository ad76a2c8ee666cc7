//! The directory of the tenant.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;

/// Who is there.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Directory {
    /// The tenant's id.
    pub tenant: String,
    /// Its name.
    pub name: String,
    /// Its first domain.
    pub domain: String,
    /// Applications with their service principals.
    pub applications: Vec<Application>,
    /// Managed identities.
    pub identities: Vec<ManagedIdentity>,
    /// Users.
    pub users: Vec<User>,
    /// Groups.
    pub groups: Vec<Group>,
}

/// An application and its service principal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Application {
    /// Its client id.
    pub client_id: String,
    /// The object id of its service principal.
    pub object_id: String,
    /// Its name.
    pub name: String,
    /// Its client secrets.
    #[serde(default)]
    pub secrets: Vec<Secret>,
    /// Its certificates, PEM.
    #[serde(default)]
    pub certificates: Vec<String>,
    /// Whose tokens are accepted in its place.
    #[serde(default)]
    pub federated: Vec<FederatedCredential>,
    /// Application permissions of Microsoft Graph that it holds, such as `GroupMember.Read.All`.
    #[serde(default)]
    pub permissions: Vec<String>,
}

/// A client secret.
#[derive(Clone, Serialize, Deserialize)]
pub struct Secret {
    /// Its value.
    pub value: String,
    /// Until when it is good.
    #[serde(with = "crate::clock::moment")]
    pub expires: OffsetDateTime,
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Secret(expires {})", self.expires)
    }
}

/// A federated identity credential: tokens of this issuer for this subject stand for the application.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FederatedCredential {
    /// `iss` of the token.
    pub issuer: String,
    /// `sub` of the token.
    pub subject: String,
    /// What `aud` may be.
    pub audiences: Vec<String>,
    /// The issuer's keys, a JWKS document. Azure fetches it from the issuer; the simulator goes nowhere and is told.
    /// Without it the issuer's tokens are signed by the simulator itself, as those of [`crate::Simulator::assertion`] are.
    #[serde(default)]
    pub keys: Option<Value>,
}

/// A managed identity.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ManagedIdentity {
    /// Its client id.
    pub client_id: String,
    /// Its object id.
    pub object_id: String,
    /// Its resource id; empty for the machine's own one.
    #[serde(default)]
    pub resource_id: String,
    /// Its name.
    pub name: String,
    /// As for [`Application::permissions`].
    #[serde(default)]
    pub permissions: Vec<String>,
}

/// A user.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct User {
    /// The object id.
    pub object_id: String,
    /// The display name.
    pub name: String,
    /// The sign-in name.
    pub principal_name: String,
}

/// A group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Group {
    /// The object id.
    pub object_id: String,
    /// What a GET shows.
    pub value: Value,
    /// Object ids of its direct members.
    #[serde(default)]
    pub members: Vec<String>,
    /// From when other calls see it, and see what changed.
    #[serde(with = "crate::clock::moment")]
    pub visible: OffsetDateTime,
    /// From when role assignments know it.
    #[serde(with = "crate::clock::moment")]
    pub assignable: OffsetDateTime,
}

impl Directory {
    /// Object ids of the groups that an object is a member of, through other groups too.
    pub fn groups_of(&self, object: &str) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        let mut open = vec![object.to_owned()];
        while let Some(member) = open.pop() {
            for group in self
                .groups
                .iter()
                .filter(|group| group.members.contains(&member))
            {
                if !found.contains(&group.object_id) {
                    found.push(group.object_id.clone());
                    open.push(group.object_id.clone());
                }
            }
        }
        found.sort();
        found
    }

    /// Application permissions of Microsoft Graph that an object holds.
    pub fn permissions(&self, object: &str) -> Vec<String> {
        let applications = self
            .applications
            .iter()
            .map(|app| (&app.object_id, &app.permissions));
        let identities = self
            .identities
            .iter()
            .map(|known| (&known.object_id, &known.permissions));
        let mut all = applications.chain(identities);
        let found = all.find(|(id, _)| id.eq_ignore_ascii_case(object));
        found
            .map(|(_, permissions)| permissions.clone())
            .unwrap_or_default()
    }
}
