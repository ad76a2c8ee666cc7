package main

// What the Kubernetes programs load beside their commands: time zones for
// CronJobs, the JSON log format, and the metrics of their clients and version.
import (
	_ "time/tzdata"

	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
)
