//! A node pool's life by the CLI.

use libtest_mimic::Failed;
use seedling_azure_sim::settings::Settings;
use serde_json::Value;

use crate::az::{Az, expect, says};
use crate::python::Python;
use crate::world::Served;

pub fn run(python: &Python) -> Result<(), Failed> {
    let served = Served::new(Settings::fast())?;
    let az = Az::signed_in(python, &served)?;
    let pool = Pool {
        az: &az,
        group: &served.seed.resource_group,
        cluster: &served.seed.cluster,
    };
    life(&pool)?;
    kinds(&pool)?;
    refusals(&pool)
}

struct Pool<'a> {
    az: &'a Az<'a>,
    group: &'a str,
    cluster: &'a str,
}

impl<'a> Pool<'a> {
    fn arguments(&self, verb: &'a str, name: &'a str, more: &[&'a str]) -> Vec<&'a str> {
        let mut all = vec![
            "aks",
            "nodepool",
            verb,
            "-g",
            self.group,
            "--cluster-name",
            self.cluster,
        ];
        if !name.is_empty() {
            all.extend(["-n", name]);
        }
        all.extend(more);
        all
    }

    fn run(&self, verb: &'a str, name: &'a str, more: &[&'a str]) -> Result<Value, Failed> {
        self.az.json(&self.arguments(verb, name, more))
    }

    fn refused(&self, verb: &'a str, name: &'a str, more: &[&'a str]) -> Result<String, Failed> {
        self.az.refused(&self.arguments(verb, name, more))
    }
}

fn life(pool: &Pool<'_>) -> Result<(), Failed> {
    let made = pool.run(
        "add",
        "work",
        &[
            "--node-count",
            "2",
            "--node-vm-size",
            "Standard_D2ds_v5",
            "--labels",
            "team=blue",
            "--node-taints",
            "dedicated=work:NoSchedule",
            "--zones",
            "1",
            "2",
            "--max-pods",
            "60",
            "--kubernetes-version",
            "1.34.1",
            "--tags",
            "owner=ada",
            "--max-surge",
            "1",
        ],
    )?;
    expect(&made, "/provisioningState", "Succeeded")?;
    expect(&made, "/mode", "User")?;
    expect(&made, "/nodeLabels/team", "blue")?;
    expect(&made, "/nodeTaints/0", "dedicated=work:NoSchedule")?;
    expect(&made, "/currentOrchestratorVersion", "1.34.1")?;
    expect(&pool.run("list", "", &[])?, "/1/name", "work")?;
    expect(&pool.run("show", "work", &[])?, "/maxPods", 60)?;
    let updated = pool.run(
        "update",
        "work",
        &[
            "--labels",
            "team=green",
            "--node-taints",
            "",
            "--drain-timeout",
            "45",
        ],
    )?;
    expect(&updated, "/nodeLabels/team", "green")?;
    expect(&updated, "/nodeTaints", Value::Null)
        .or_else(|_| expect(&updated, "/nodeTaints", Vec::<Value>::new()))?;
    expect(&updated, "/upgradeSettings/drainTimeoutInMinutes", 45)?;
    expect(
        &pool.run("scale", "work", &["--node-count", "3"])?,
        "/count",
        3,
    )?;
    let ranged = pool.run(
        "update",
        "work",
        &[
            "--enable-cluster-autoscaler",
            "--min-count",
            "1",
            "--max-count",
            "5",
        ],
    )?;
    expect(&ranged, "/maxCount", 5)?;
    let fixed = pool.run("update", "work", &["--disable-cluster-autoscaler"])?;
    expect(&fixed, "/maxCount", Value::Null)?;
    expect(&fixed, "/enableAutoScaling", false)?;
    let upgraded = pool.run(
        "upgrade",
        "work",
        &["--kubernetes-version", "1.34.2", "--yes"],
    )?;
    expect(&upgraded, "/currentOrchestratorVersion", "1.34.2")?;
    let before = pool.run("show", "work", &[])?["nodeImageVersion"].clone();
    pool.run("upgrade", "work", &["--node-image-only", "--yes"])?;
    let after = pool.run("show", "work", &[])?["nodeImageVersion"].clone();
    if before == after {
        return Err(format!("the node image is still {after}").into());
    }
    pool.run("stop", "work", &[])?;
    let stopped = pool.run("show", "work", &[])?;
    expect(&stopped, "/powerState/code", "Stopped")?;
    pool.run("start", "work", &[])?;
    expect(&pool.run("show", "work", &[])?, "/count", 3)?;
    let upgrades = pool.az.json(&[
        "aks",
        "nodepool",
        "get-upgrades",
        "-g",
        pool.group,
        "--cluster-name",
        pool.cluster,
        "--nodepool-name",
        "work",
    ])?;
    expect(&upgrades, "/kubernetesVersion", "1.34.2")?;
    pool.run("delete", "work", &[])?;
    says(&pool.refused("show", "work", &[])?, &["NotFound"])
}

/// Spot and GPU.
fn kinds(pool: &Pool<'_>) -> Result<(), Failed> {
    let spot = pool.run(
        "add",
        "spot",
        &[
            "--priority",
            "Spot",
            "--node-count",
            "1",
            "--node-vm-size",
            "Standard_D2ds_v5",
        ],
    )?;
    expect(
        &spot,
        "/nodeLabels/kubernetes.azure.com~1scalesetpriority",
        "spot",
    )?;
    expect(
        &spot,
        "/nodeTaints/0",
        "kubernetes.azure.com/scalesetpriority=spot:NoSchedule",
    )?;
    expect(&spot, "/scaleSetEvictionPolicy", "Delete")?;
    let gpu = pool.run(
        "add",
        "gpu",
        &[
            "--node-count",
            "1",
            "--node-vm-size",
            "Standard_NC4as_T4_v3",
            "--node-taints",
            "sku=gpu:NoSchedule",
        ],
    )?;
    expect(&gpu, "/gpuProfile/driver", "Install")?;
    // The images of all pools at once, which is not waited for.
    pool.az.json(&[
        "aks",
        "upgrade",
        "-g",
        pool.group,
        "-n",
        pool.cluster,
        "--node-image-only",
        "--yes",
    ])?;
    for name in ["sys0", "spot", "gpu"] {
        pool.az
            .json(&pool.arguments("wait", name, &["--updated", "--interval", "1"]))?;
        let image = pool.run("show", name, &[])?["nodeImageVersion"].to_string();
        says(&image, &["202611.01.0"])?;
    }
    Ok(())
}

fn refusals(pool: &Pool<'_>) -> Result<(), Failed> {
    let table: [(&str, &str, &[&str], &[&str]); 5] = [
        (
            "add",
            "big",
            &["--node-vm-size", "Standard_Nowhere"],
            &[
                "BadRequest",
                "Standard_Nowhere is not allowed",
                "standard_d4ds_v5",
            ],
        ),
        (
            "add",
            "many",
            &["--node-count", "90", "--node-vm-size", "Standard_D4ds_v5"],
            &["ErrCode_InsufficientVCPUQuota", "360"],
        ),
        (
            "upgrade",
            "gpu",
            &["--kubernetes-version", "1.36.0", "--yes"],
            &["NodePoolMcVersionIncompatible", "1.36.0"],
        ),
        (
            "delete",
            "sys0",
            &[],
            &["OperationNotAllowed", "system agent pool"],
        ),
        (
            "update",
            "sys0",
            &["--mode", "User"],
            &["Must define at least one system pool."],
        ),
    ];
    for (verb, name, more, message) in table {
        says(&pool.refused(verb, name, more)?, message)?;
    }
    Ok(())
}
