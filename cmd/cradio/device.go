package main

import (
	"slices"
	"strings"

	"cradio/graph"

	"github.com/spf13/cobra"
)

// The devices of --device are those of the linked packages: package radio links the CPU, and
// device_cuda.go links NVIDIA's GPUs. To link another, add a file that imports its package for
// side effects, with a build tag if the package needs special hardware or libraries. The package
// registers itself; see graph.Register. The comment of package graph explains how to write a
// device.

// addDevice adds --device.
func addDevice(cmd *cobra.Command, to *string) {
	names := graph.Devices()
	cmd.Flags().StringVar(to, "device", names[0], "device that runs the model: "+strings.Join(names, ", "))
	complete(cmd, "device", names...)
}

// checkDevice returns an error for a device that is not linked.
func checkDevice(cmd *cobra.Command, name string) error {
	names := graph.Devices()
	kind, _, numbered := strings.Cut(name, ":")
	switch _, _, err := graph.Find(name); {
	case err == nil:
		return nil
	case kind == "cuda" && !slices.Contains(names, kind):
		return usage(cmd, "--device %s: this program was built without GPUs: build it with the tag nvidia (cuda/README.md says how), or choose %s", name, names[0])
	case numbered && slices.Contains(names, kind):
		return usage(cmd, "--device %s: %v", name, err)
	}
	return usage(cmd, "--device %s: not available in this program, must be one of: %s", name, strings.Join(names, ", "))
}
