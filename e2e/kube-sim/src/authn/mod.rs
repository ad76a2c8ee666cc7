//! Who asks: by client certificate, by token, or in someone's name.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use time::OffsetDateTime;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::store::{Key, Resource, Store};

/// A user.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct User {
    /// Name.
    pub name: String,
    /// Uid, where there is one.
    pub uid: String,
    /// Groups, with those that the server adds.
    pub groups: Vec<String>,
    /// What else the credentials say.
    pub extra: BTreeMap<String, Vec<String>>,
}

const AUTHENTICATED: &str = "system:authenticated";
const ACCOUNT: &str = "system:serviceaccount:";

impl User {
    /// Somebody whose credentials were good.
    pub fn authenticated(name: &str, groups: &[&str]) -> User {
        let mut groups: Vec<_> = groups.iter().map(|group| (*group).to_owned()).collect();
        groups.push(AUTHENTICATED.to_owned());
        User {
            name: name.to_owned(),
            groups,
            ..User::default()
        }
    }

    /// Somebody without credentials.
    pub fn anonymous() -> User {
        User {
            name: "system:anonymous".to_owned(),
            groups: vec!["system:unauthenticated".to_owned()],
            ..User::default()
        }
    }

    /// A service account.
    pub fn service_account(namespace: &str, name: &str, uid: &str) -> User {
        let groups = [
            "system:serviceaccounts",
            &format!("system:serviceaccounts:{namespace}"),
        ];
        User {
            uid: uid.to_owned(),
            ..User::authenticated(&format!("{ACCOUNT}{namespace}:{name}"), &groups)
        }
    }

    /// The subject of a client certificate: common name and organisations.
    pub fn of_certificate(der: &[u8]) -> Option<User> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let subject = certificate.subject();
        let name = subject.iter_common_name().next()?.as_str().ok()?;
        let groups: Vec<_> = subject
            .iter_organization()
            .filter_map(|group| group.as_str().ok())
            .collect();
        Some(User::authenticated(name, &groups))
    }

    /// Whom somebody may act as: groups are what the request says, or what the name implies.
    pub fn impersonated(name: &str, groups: Vec<String>) -> User {
        let mut user = User {
            name: name.to_owned(),
            groups,
            ..User::default()
        };
        if let Some((namespace, _)) = name
            .strip_prefix(ACCOUNT)
            .and_then(|rest| rest.split_once(':'))
            && user.groups.is_empty()
        {
            user.groups = vec![
                "system:serviceaccounts".to_owned(),
                format!("system:serviceaccounts:{namespace}"),
            ];
        }
        let added = if name == "system:anonymous" {
            "system:unauthenticated"
        } else {
            AUTHENTICATED
        };
        if !user.groups.iter().any(|group| group == added) {
            user.groups.push(added.to_owned());
        }
        user
    }
}

/// Tokens that this server knows: those it was told, and those it issued to service accounts.
#[derive(Default)]
pub struct Tokens {
    known: Mutex<BTreeMap<String, Known>>,
}

struct Known {
    user: User,
    until: Option<OffsetDateTime>,
    account: Option<Key>,
}

const ACCOUNTS: Resource = Resource::new("", "serviceaccounts");

impl Tokens {
    /// Makes a token good for a user.
    pub fn add(&self, token: &str, user: User) {
        let known = Known {
            user,
            until: None,
            account: None,
        };
        self.lock().insert(token.to_owned(), known);
    }

    /// A token for a service account, in the form of the real server's (signed by nobody: only this server accepts it).
    pub fn issue(
        &self,
        store: &Store,
        namespace: &str,
        name: &str,
        uid: &str,
        until: OffsetDateTime,
    ) -> String {
        let encode = |part: &Value| BASE64_URL_SAFE_NO_PAD.encode(part.to_string());
        let now = store.clock().now().unix_timestamp();
        let claims = json!({
            "aud": ["https://kubernetes.default.svc"],
            "exp": until.unix_timestamp(),
            "iat": now,
            "iss": "https://kubernetes.default.svc",
            "jti": store.uid(),
            "kubernetes.io": { "namespace": namespace, "serviceaccount": { "name": name, "uid": uid } },
            "nbf": now,
            "sub": format!("{ACCOUNT}{namespace}:{name}"),
        });
        let token = format!(
            "{}.{}.c2ltdWxhdGVk",
            encode(&json!({ "alg": "none" })),
            encode(&claims)
        );
        let known = Known {
            user: User::service_account(namespace, name, uid),
            until: Some(until),
            account: Some(Key::new(&ACCOUNTS, namespace, name)),
        };
        self.lock().insert(token.clone(), known);
        token
    }

    /// Whose token it is: nobody's after its time, or when its account is gone.
    pub fn user(&self, store: &Store, token: &str) -> Option<User> {
        let known = self.lock();
        let found = known.get(token)?;
        let in_time = found.until.is_none_or(|until| store.clock().now() < until);
        let there = found.account.as_ref().is_none_or(|key| {
            store
                .get(key)
                .is_some_and(|account| account["metadata"]["uid"] == found.user.uid.as_str())
        });
        (in_time && there).then(|| found.user.clone())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
