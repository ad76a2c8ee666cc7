package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

// etcd leaves the process by itself when it fails.
func etcd() int {
	etcdmain.Main(os.Args)
	return 0
}
