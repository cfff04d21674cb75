package main

import (
	"slices"
	"strings"

	"cradio/graph"

	"github.com/spf13/cobra"
)

// The devices of --device are those of the linked packages. Package radio links the CPU. To
// link another device, add a file that imports its package for side effects. Use a build tag
// if the package needs special hardware or libraries:
//
//	//go:build cuda
//
//	package main
//
//	import _ "cradio/cuda"
//
// The package registers itself; see graph.Register. The comment of package graph explains how
// to write a device.

// addDevice adds --device.
func addDevice(cmd *cobra.Command, to *string) {
	names := graph.Devices()
	cmd.Flags().StringVar(to, "device", names[0], "device that runs the model: "+strings.Join(names, ", "))
	complete(cmd, "device", names...)
}

// checkDevice returns an error for a device that is not linked.
func checkDevice(cmd *cobra.Command, name string) error {
	if names := graph.Devices(); !slices.Contains(names, name) {
		return usage(cmd, "--device %s: not available in this program, must be one of: %s", name, strings.Join(names, ", "))
	}
	return nil
}
