//! ServiceAccount, for a workload identity.

use crate::Object;

use super::Factory;

pub(super) fn render(new: &Factory) -> Option<Object> {
    let identity = new.args.identity.given()?;
    let mut account = new.namesake("v1", "ServiceAccount");
    account.annotate(
        "azure.workload.identity/client-id",
        identity.client_id.text(),
    );
    if let Some(tenant) = identity.tenant_id.given() {
        account.annotate("azure.workload.identity/tenant-id", tenant);
    }
    Some(account.with("automountServiceAccountToken", false.into()))
}
