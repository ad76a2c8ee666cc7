package main

import (
	"fmt"
	"os"
	"runtime/debug"
)

// pinned are the modules whose versions tell what this control plane is.
var pinned = []struct{ name, module string }{
	{"kubernetes", "k8s.io/kubernetes"},
	{"etcd", "go.etcd.io/etcd/server/v3"},
	{"kwok", "sigs.k8s.io/kwok"},
}

// version prints one line for each pinned part: its name and its version.
func version() int {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		fmt.Fprintln(os.Stderr, "seedling-control-plane: built without module information")
		return 1
	}
	versions := map[string]string{}
	for _, module := range info.Deps {
		versions[module.Path] = module.Version
	}
	for _, part := range pinned {
		fmt.Println(part.name, versions[part.module])
	}
	return 0
}
