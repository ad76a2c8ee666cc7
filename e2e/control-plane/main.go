// Command seedling-control-plane is a whole Kubernetes control plane in one
// program: its first argument says which part of it runs, and the rest are that
// part's own arguments.
package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// parts are the programs carried here, by the names they have elsewhere. Each
// finds its own arguments in os.Args, as if it had been started by that name,
// and returns its exit code.
var parts = map[string]func() int{
	"etcd":                    etcd,
	"kube-apiserver":          kubeAPIServer,
	"kube-controller-manager": kubeControllerManager,
	"kube-scheduler":          kubeScheduler,
	"kubectl":                 kubectl,
	"kwok":                    kwok,
	"version":                 version,
}

func main() {
	name := ""
	if len(os.Args) > 1 {
		name = os.Args[1]
	}
	part, known := parts[name]
	if !known {
		names := strings.Join(slices.Sorted(maps.Keys(parts)), ", ")
		fmt.Fprintf(os.Stderr, "seedling-control-plane: no part is called %q; the first argument is one of: %s\n", name, names)
		os.Exit(2)
	}
	os.Args = os.Args[1:]
	os.Exit(part())
}
