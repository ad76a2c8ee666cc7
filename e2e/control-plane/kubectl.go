package main

import (
	_ "k8s.io/client-go/plugin/pkg/client/auth" // kubeconfigs with exec and OIDC users
	"k8s.io/component-base/cli"
	"k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/util"
)

// kubectl is carried for machines that have none: people and tests look at the
// cluster with it.
func kubectl() int {
	if err := cli.RunNoErrOutput(cmd.NewDefaultKubectlCommand()); err != nil {
		util.CheckErr(err) // prints the error as kubectl does and exits
	}
	return 0
}
