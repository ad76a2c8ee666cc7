"""What programs do with the Azure SDK. Run as `python -c … credentials|pools|retries`."""

import base64
import datetime
import json
import os
import sys
import time

import requests
from azure.core import MatchConditions
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
)
from azure.identity import (
    CertificateCredential,
    ClientAssertionCredential,
    ClientSecretCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.containerservice import ContainerServiceClient

E = os.environ
SIM = E["SIM"]
SCOPE = SIM + "/.default"
ENTRA = {"authority": SIM, "disable_instance_discovery": True}
GROUP, CLUSTER = E["GROUP"], E["CLUSTER"]


def secret(value=None):
    return ClientSecretCredential(E["TENANT"], E["CLIENT"], value or E["SECRET"], **ENTRA)


def aks():
    return ContainerServiceClient(
        secret(), E["SUBSCRIPTION"], base_url=SIM, credential_scopes=[SCOPE], polling_interval=1
    )


def refused(call, kind, *parts):
    try:
        call()
    except kind as error:
        for part in parts:
            assert part in str(error), f"{part!r} is not in {error}"
        return error
    raise AssertionError(f"should have been refused with {parts}")


def claims(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def certificate():
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "deployer")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return pem, private


def credentials():
    import jwt

    token = secret().get_token(SCOPE).token
    found = claims(token)
    assert found["oid"] == E["PRINCIPAL"] and found["tid"] == E["TENANT"] and found["appid"] == E["CLIENT"], found
    keys = jwt.PyJWKClient(f"{SIM}/{E['TENANT']}/discovery/v2.0/keys", ssl_context=context())
    jwt.decode(token, keys.get_signing_key_from_jwt(token), algorithms=["RS256"], audience=SIM)
    refused(lambda: secret("wrong").get_token(SCOPE), ClientAuthenticationError, "AADSTS7000215")
    refused(lambda: secret().get_token("https://nowhere/.default"), ClientAuthenticationError, "AADSTS500011")

    state = requests.get(f"{SIM}/_simulator/state").json()
    state["directory"]["applications"][0]["secrets"].append({"value": "old", "expires": "2020-01-01T00:00:00Z"})
    assert requests.put(f"{SIM}/_simulator/state", json=state).status_code == 204
    refused(lambda: secret("old").get_token(SCOPE), ClientAuthenticationError, "AADSTS7000222")

    pem, private = certificate()
    unknown = CertificateCredential(E["TENANT"], E["CLIENT"], certificate_data=pem + private, **ENTRA)
    refused(lambda: unknown.get_token(SCOPE), ClientAuthenticationError, "AADSTS700027")
    state = requests.get(f"{SIM}/_simulator/state").json()
    state["directory"]["applications"][0]["certificates"].append(pem.decode())
    assert requests.put(f"{SIM}/_simulator/state", json=state).status_code == 204
    known = CertificateCredential(E["TENANT"], E["CLIENT"], certificate_data=pem + private, **ENTRA)
    assert claims(known.get_token(SCOPE).token)["oid"] == E["PRINCIPAL"]

    federated = lambda file: WorkloadIdentityCredential(
        tenant_id=E["TENANT"], client_id=E["CLIENT"], token_file_path=file, **ENTRA
    )
    assert claims(federated("assertion").get_token(SCOPE).token)["oid"] == E["PRINCIPAL"]
    refused(lambda: federated("stranger").get_token(SCOPE), ClientAuthenticationError, "AADSTS700213")

    # As a workflow of GitHub does it.
    url = f"{SIM}/_github/token?subject=repo:acme/shop:environment:prod"
    ask = lambda: requests.get(f"{url}&audience=api://AzureADTokenExchange", headers={"Authorization": "Bearer run"}).json()["value"]
    workflow = ClientAssertionCredential(E["TENANT"], E["CLIENT"], ask, **ENTRA)
    assert claims(workflow.get_token(SCOPE).token)["oid"] == E["PRINCIPAL"]

    E["IDENTITY_ENDPOINT"], E["IDENTITY_HEADER"] = f"{SIM}/msi/token", "secret"
    machine = state["directory"]["identities"][0]
    own = claims(ManagedIdentityCredential().get_token(SCOPE).token)
    assert own["oid"] == machine["object_id"], own
    by_id = ManagedIdentityCredential(client_id=machine["client_id"]).get_token(SCOPE)
    assert claims(by_id.token)["appid"] == machine["client_id"]
    del E["IDENTITY_ENDPOINT"], E["IDENTITY_HEADER"]
    E["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = SIM
    assert claims(ManagedIdentityCredential().get_token(SCOPE).token)["oid"] == machine["object_id"]

    # A token for another service, and an identity without roles.
    graph = requests.get(f"{SIM}/v1.0/groups", headers={"Authorization": "Bearer x.y.z"})
    assert graph.status_code == 401, graph.text
    server = secret().get_token("6dae42f8-4368-4678-94ff-3960e28e3630/.default").token
    wrong = requests.get(f"{SIM}/subscriptions?api-version=2022-12-01", headers={"Authorization": f"Bearer {server}"})
    assert wrong.status_code == 401 and "Bearer" in wrong.headers["WWW-Authenticate"], wrong.text
    nobody = ContainerServiceClient(
        ManagedIdentityCredential(), E["SUBSCRIPTION"], base_url=SIM, credential_scopes=[SCOPE]
    )
    refused(lambda: nobody.managed_clusters.get(GROUP, CLUSTER), HttpResponseError, "AuthorizationFailed")


def context():
    import ssl

    return ssl.create_default_context(cafile=E["REQUESTS_CA_BUNDLE"])


def body(**properties):
    return {"properties": {"count": 1, "vmSize": "Standard_D2ds_v5", "mode": "User", **properties}}


def pools():
    client = aks()
    pool = client.agent_pools
    at = (GROUP, CLUSTER, "work")
    made = pool.begin_create_or_update(*at, body(), etag="*", match_condition=MatchConditions.IfMissing).result()
    assert made.provisioning_state == "Succeeded" and made.max_pods == 250, made
    assert [one.name for one in pool.list(GROUP, CLUSTER)] == ["sys0", "work"]
    again = lambda: pool.begin_create_or_update(*at, body(), etag="*", match_condition=MatchConditions.IfMissing)
    refused(again, HttpResponseError, "PreconditionFailed")
    write = lambda etag, **more: pool.begin_create_or_update(
        *at, body(**more), etag=etag, match_condition=MatchConditions.IfNotModified
    )
    scaled = write(made.e_tag, count=2).result()
    assert scaled.count == 2 and scaled.e_tag != made.e_tag, scaled
    refused(lambda: write(made.e_tag, count=3), ResourceModifiedError, "PreconditionFailed")

    running = pool.begin_create_or_update(*at, body(count=4))
    busy = lambda: pool.begin_create_or_update(GROUP, CLUSTER, "other", body())
    refused(busy, ResourceExistsError, "OperationNotAllowed", "Another agentpool operation (work - Scaling) is in progress")
    assert pool.get(*at).provisioning_state == "Scaling"
    assert running.result().count == 4

    refused(lambda: pool.begin_create_or_update(*at, body(vmSize="Standard_D4ds_v5")), HttpResponseError,
            "PropertyChangeNotAllowed", "properties.vmSize")
    refused(lambda: pool.begin_create_or_update(GROUP, CLUSTER, "none", {"properties": {"mode": "User"}}),
            HttpResponseError, "properties.count")
    refused(lambda: pool.begin_create_or_update(GROUP, CLUSTER, "Bad_Name", body()), HttpResponseError, "InvalidParameter")
    spot = body(scaleSetPriority="Spot", upgradeSettings={"maxSurge": "1"})
    refused(lambda: pool.begin_create_or_update(GROUP, CLUSTER, "spot", spot), HttpResponseError, "maxSurge")

    error = refused(lambda: pool.begin_create_or_update(GROUP, CLUSTER, "broken", body()).result(), HttpResponseError, "PodDrainFailure")
    assert error.error.code == "PodDrainFailure", error
    broken = pool.get(GROUP, CLUSTER, "broken")
    assert broken.provisioning_state == "Failed" and "shop/api" in broken.status.provisioning_error.message, broken
    refused(lambda: pool.begin_create_or_update(GROUP, CLUSTER, "ended", body()).result(), HttpResponseError, "Canceled")
    repaired = pool.begin_create_or_update(GROUP, CLUSTER, "broken", body()).result()
    assert repaired.provisioning_state == "Succeeded" and not repaired.status, repaired

    running = pool.begin_create_or_update(*at, body(count=5))
    pool.begin_abort_latest_operation(*at).result()
    refused(running.result, HttpResponseError, "Canceled")
    image = pool.get(*at).node_image_version
    pool.begin_upgrade_node_image_version(*at).result()
    assert pool.get(*at).node_image_version != image
    pool.begin_delete(*at).result()
    refused(lambda: pool.get(*at), ResourceNotFoundError, "NotFound")
    pool.begin_delete(*at).result()
    versions = pool.get_available_agent_pool_versions(GROUP, CLUSTER)
    assert any(one.default for one in versions.agent_pool_versions), versions
    user = client.managed_clusters.list_cluster_user_credentials(GROUP, CLUSTER).kubeconfigs[0]
    assert user.name == "clusterUser" and b"kubelogin" in user.value
    refused(lambda: client.managed_clusters.get(GROUP, "nowhere"), ResourceNotFoundError, "ResourceNotFound")
    old = ContainerServiceClient(secret(), E["SUBSCRIPTION"], base_url=SIM, credential_scopes=[SCOPE], api_version="2019-08-01")
    refused(lambda: old.managed_clusters.get(GROUP, CLUSTER), HttpResponseError, "NoRegisteredProviderFound")
    roles = AuthorizationManagementClient(secret(), E["SUBSCRIPTION"], base_url=SIM, credential_scopes=[SCOPE])
    scope = f"/subscriptions/{E['SUBSCRIPTION']}"
    found = list(roles.role_definitions.list(scope, filter="roleName eq 'Reader'"))
    assert [one.role_name for one in found] == ["Reader"], found
    wanted = {"properties": {"roleDefinitionId": found[0].id, "principalId": E["PRINCIPAL"], "principalType": "ServicePrincipal"}}
    first, second = ("aaaaaaaa-0000-4000-8000-00000000000%d" % one for one in (1, 2))
    made = roles.role_assignments.create(scope, first, wanted)
    assert made.principal_id == E["PRINCIPAL"] and made.scope == scope, made
    refused(lambda: roles.role_assignments.create(scope, second, wanted), ResourceExistsError, "RoleAssignmentExists")
    assert roles.role_assignments.delete(scope, first).name == first
    assert roles.role_assignments.delete(scope, first) is None


def retries():
    client = aks()
    pool = client.agent_pools
    began = time.monotonic()
    made = pool.begin_create_or_update(GROUP, CLUSTER, "again", body()).result()
    assert made.provisioning_state == "Succeeded", made
    assert time.monotonic() - began >= 1, "Retry-After was not kept"
    for _ in range(70):
        client.managed_clusters.get(GROUP, CLUSTER)


{"credentials": credentials, "pools": pools, "retries": retries}[sys.argv[1]]()
