//! Strange paths, parameters and methods.

use crate::server::Server;

const MAPS: &str = "/api/v1/namespaces/default/configmaps";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parameters_that_mean_nothing() {
    let server = Server::start().await;
    let many: Vec<String> = (0..2000)
        .map(|index| format!("k{index}%3Dv{index}"))
        .collect();
    let many = format!("labelSelector={}", many.join(","));
    let table = [
        (many.as_str(), 200),
        ("labelSelector=a%3D", 200),
        ("labelSelector=%3D", 400),
        ("labelSelector=a%20in%20(", 400),
        ("labelSelector=a%20in%20()", 200),
        ("labelSelector=((((", 400),
        ("labelSelector=)", 400),
        ("labelSelector=a%3Db%3Dc", 400),
        ("labelSelector=,,", 400),
        ("labelSelector=a,", 400),
        ("labelSelector=!", 400),
        ("labelSelector=-a", 400),
        ("labelSelector=%FF", 400),
        ("labelSelector=a%3E1", 200),
        ("labelSelector=a%3Ex", 400),
        ("labelSelector=a/b/c", 400),
        ("fieldSelector=x", 400),
        ("fieldSelector=x%3Dy", 400),
        ("fieldSelector=metadata.name", 400),
        ("fieldSelector=metadata.name%3Da%3Db", 400),
        ("fieldSelector=%FF%3D1", 400),
        ("fieldSelector=metadata.name%3D%5C", 400),
        ("fieldSelector=,", 200),
        ("limit=-1", 200),
        ("limit=x", 400),
        ("limit=99999999999999999999", 400),
        ("limit=1&limit=2", 200),
        ("continue=x", 400),
        ("continue=%FF", 400),
        ("resourceVersion=x", 400),
        ("resourceVersion=-1", 400),
        ("timeoutSeconds=x", 400),
        ("timeoutSeconds=-1", 200),
        ("watch=1&timeoutSeconds=1&labelSelector=(", 400),
        ("watch=1&timeoutSeconds=1&resourceVersion=x", 500),
        ("watch=x&timeoutSeconds=1", 200),
        ("watch=1&timeoutSeconds=1&resourceVersion=999999999", 200),
        // The real server ignores parameters that it does not know; the simulator must not seem to know them.
        ("%", 501),
        ("a=%zz", 501),
    ];
    for (query, status) in table {
        let answer = server.get(&format!("{MAPS}?{query}")).await;
        assert_eq!(answer.status, status, "{query:.80}: {}", answer.message());
    }
    server.goes_on().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn paths_that_lead_nowhere() {
    let server = Server::start().await;
    let long = format!("{MAPS}/{}", "x".repeat(20_000));
    let table = [
        ("//", 404),
        ("/api/", 200),
        ("/api/v1/", 200),
        ("/api//v1/pods", 404),
        ("/api/v1//pods", 404),
        ("/api/v1/namespaces/default/pods/", 200),
        ("/api/v1/namespaces/default/pods//log", 400),
        ("/api/v1/namespaces/..%2f..%2f/pods", 404),
        ("/api/v1/../v1/pods", 404),
        ("/api/v1/pods/%00", 404),
        ("/api/v1/namespaces/default/pods/%00", 404),
        ("/api/v1/namespaces/default/pods/%ff", 404),
        ("/api/v1/namespaces/default/pods/UPPER", 404),
        ("/apis/x", 404),
        ("/apis/apps/v9/deployments", 404),
        ("/api/v2/pods", 404),
        ("/api/v1/unknowns", 404),
        ("/api/v1/namespaces/default/nodes", 404),
        ("/openapi/v9", 404),
        ("/metrics/x", 404),
        ("/healthz/x", 404),
        (long.as_str(), 404),
        // The real server has no such sub-resource either; the simulator says that it is it who has not.
        ("/api/v1/namespaces/default/pods/a/b/c/d/e", 501),
        ("/api/v1/namespaces/default/pods/a%2Fb", 501),
    ];
    for (path, status) in table {
        let answer = server.get(path).await;
        assert_eq!(
            answer.status,
            status,
            "{path:.80}: {:.200}",
            answer.message()
        );
    }
    for (method, status) in [
        ("PUT", 405),
        ("PATCH", 405),
        ("OPTIONS", 405),
        ("TRACE", 405),
        ("FOO", 405),
    ] {
        assert_eq!(
            server.send(method, MAPS, "", Vec::new()).await.status,
            status,
            "{method}"
        );
    }
    server.goes_on().await;
}
