//! Documents by which clients find their way.

use serde_json::json;

use super::{errors, is_tenant};
use crate::http::Answer;
use crate::simulator::{Context, Handled};

/// A cloud's endpoints, as `az cloud register --endpoint-resource-manager` (azure-cli-core, cloud.py) and azurerm's
/// `metadata_host` (go-azure-sdk, sdk/environments) read them.
pub(super) fn cloud(context: &Context<'_>) -> Answer {
    let base = context.base;
    let slash = format!("{base}/");
    Answer::ok(json!({
        "name": "AzureSimulator",
        "portal": slash,
        "authentication": {
            "loginEndpoint": slash,
            "audiences": [slash, "https://management.core.windows.net/", "https://management.azure.com/"],
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "graphAudience": slash,
        "graph": slash,
        "resourceManager": slash,
        "microsoftGraphResourceId": slash,
        "gallery": slash,
        "batch": slash,
        "media": slash,
        "sqlManagement": slash,
        "vmImageAliasDoc": slash,
        "activeDirectoryDataLake": slash,
        "appInsightsResourceId": slash,
        "appInsightsTelemetryChannelResourceId": slash,
        "attestationResourceId": slash,
        "logAnalyticsResourceId": slash,
        "ossrdbmsResourceId": slash,
        "synapseAnalyticsResourceId": slash,
        "appServiceResourceId": slash,
        "azmirrorStorageAccountResourceId": slash,
        "suffixes": {
            "acrLoginServer": "azurecr.invalid",
            "keyVaultDns": "vault.invalid",
            "mhsmDns": "mhsm.invalid",
            "storage": "storage.invalid",
            "storageSyncEndpointSuffix": "storagesync.invalid",
            "sqlServerHostname": "sql.invalid",
            "mysqlServerEndpoint": "mysql.invalid",
            "mariadbServerEndpoint": "mariadb.invalid",
            "postgresqlServerEndpoint": "postgres.invalid",
            "synapseAnalytics": "synapse.invalid",
            "attestationEndpoint": "attest.invalid",
            "azureDataLakeStoreFileSystem": "datalake.invalid",
            "azureDataLakeAnalyticsCatalogAndJob": "dataanalytics.invalid",
        },
    }))
}

/// What MSAL asks to learn whether an authority is one (msal, authority.py `_instance_discovery`).
pub(super) fn instance(context: &Context<'_>) -> Answer {
    let host = context.base.trim_start_matches("https://");
    let tenant = &context.world.directory.tenant;
    let aliases =
        json!([{ "preferred_network": host, "preferred_cache": host, "aliases": [host] }]);
    Answer::ok(json!({
        "tenant_discovery_endpoint": format!("{}/{tenant}/v2.0/.well-known/openid-configuration", context.base),
        "api-version": "1.1",
        "metadata": aliases,
    }))
}

/// OpenID Connect discovery.
pub(super) fn configuration(context: &mut Context<'_>, tenant: &str) -> Handled {
    if !is_tenant(context, tenant) {
        let message = format!(
            "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud."
        );
        return Err(errors::refuse(
            context,
            400,
            "invalid_tenant",
            90002,
            &message,
        ));
    }
    let root = format!("{}/{}", context.base, context.world.directory.tenant);
    Ok(Answer::ok(json!({
        "issuer": format!("{root}/v2.0"),
        "authorization_endpoint": format!("{root}/oauth2/v2.0/authorize"),
        "token_endpoint": format!("{root}/oauth2/v2.0/token"),
        "device_authorization_endpoint": format!("{root}/oauth2/v2.0/devicecode"),
        "jwks_uri": format!("{root}/discovery/v2.0/keys"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nbf", "tid", "oid", "appid", "groups"],
        "tenant_region_scope": "EU",
        "cloud_instance_name": context.base.trim_start_matches("https://"),
    })))
}
