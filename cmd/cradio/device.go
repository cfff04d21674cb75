package main

import (
	"slices"
	"strings"

	"cradio/graph"

	"github.com/spf13/cobra"
)

// The devices that --device chooses from are those of the packages that are linked. Package
// radio links the CPU. To link another, add a file that imports its package for its effect,
// under a build tag where it needs hardware or libraries that not everybody has:
//
//	//go:build cuda
//
//	package main
//
//	import _ "cradio/cuda"
//
// The package registers itself: see graph.Register, and the comment of package graph on how
// to write a device.

// addDevice adds --device.
func addDevice(cmd *cobra.Command, to *string) {
	names := graph.Devices()
	cmd.Flags().StringVar(to, "device", names[0], "what computes: "+strings.Join(names, ", "))
	complete(cmd, "device", names...)
}

// checkDevice returns an error for a device that is not linked.
func checkDevice(cmd *cobra.Command, name string) error {
	if names := graph.Devices(); !slices.Contains(names, name) {
		return usage(cmd, "--device %s: not in this program, which has %s", name, strings.Join(names, ", "))
	}
	return nil
}
