// Command definitions takes custom resource definitions out of the pinned Go
// modules that publish them and writes one compressed file per module into the
// folder that is its only argument:
//
//	go run . ../../control-plane/definitions
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// bundle is what is wanted of one module: the named files of one of its folders.
type bundle struct {
	name    string // of the file written, before the version
	module  string
	version string
	sum     string // of the module, as in go.sum
	folder  string
	files   []string
}

var bundles = []bundle{
	{
		name:    "gateway-api",
		module:  "sigs.k8s.io/gateway-api",
		version: "v1.5.1",
		sum:     "h1:RqVRIlkhLhUO8wOHKTLnTJA6o/1un4po4/6M1nRzdd0=",
		folder:  "config/crd/standard",
		files: []string{
			"gateway.networking.k8s.io_gatewayclasses.yaml",
			"gateway.networking.k8s.io_gateways.yaml",
			"gateway.networking.k8s.io_httproutes.yaml",
			"gateway.networking.k8s.io_listenersets.yaml",
			"gateway.networking.k8s.io_referencegrants.yaml",
		},
	},
	{
		name:    "cert-manager",
		module:  "github.com/cert-manager/cert-manager",
		version: "v1.21.2",
		sum:     "h1:UWgoYM+KLNtRlqmoWOKjKBOBUPVHeepQ6/ac3ERJW68=",
		folder:  "deploy/crds",
		files: []string{
			"acme.cert-manager.io_challenges.yaml",
			"acme.cert-manager.io_orders.yaml",
			"cert-manager.io_certificaterequests.yaml",
			"cert-manager.io_certificates.yaml",
			"cert-manager.io_clusterissuers.yaml",
			"cert-manager.io_issuers.yaml",
		},
	},
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run . FOLDER")
		os.Exit(2)
	}
	for _, b := range bundles {
		if err := b.write(os.Args[1]); err != nil {
			fmt.Fprintf(os.Stderr, "definitions: %s %s: %v\n", b.module, b.version, err)
			os.Exit(1)
		}
	}
}

// write puts the definitions into one file of YAML documents in the folder `to`.
func (b bundle) write(to string) error {
	module, err := b.download()
	if err != nil {
		return err
	}
	var out bytes.Buffer
	compressed, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return err
	}
	for _, file := range b.files {
		text, err := os.ReadFile(filepath.Join(module, b.folder, file))
		if err != nil {
			return err
		}
		text = bytes.TrimSpace(bytes.TrimPrefix(bytes.TrimSpace(text), []byte("---")))
		if _, err := fmt.Fprintf(compressed, "---\n%s\n", text); err != nil {
			return err
		}
	}
	if err := compressed.Close(); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(to, b.name+"-"+b.version+".yaml.gz"), out.Bytes(), 0o644)
}

// download gives the folder of the module, which is the one whose sum is known.
func (b bundle) download() (string, error) {
	command := exec.Command("go", "mod", "download", "-json", b.module+"@"+b.version)
	command.Stderr = os.Stderr
	answer, failed := command.Output()
	var module struct{ Dir, Sum, Error string }
	if err := json.Unmarshal(answer, &module); err != nil {
		return "", fmt.Errorf("go mod download: %w", errors.Join(failed, err))
	}
	if module.Error != "" {
		return "", fmt.Errorf("go mod download: %s", module.Error)
	}
	if module.Sum != b.sum {
		return "", fmt.Errorf("its sum is %s, not %s", module.Sum, b.sum)
	}
	return module.Dir, nil
}
