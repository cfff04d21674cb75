package graph_test

import (
	"cradio/cpu/machine"
	"cradio/graph"
)

// frozen is the CPU for weights that never change.
func frozen() graph.Device { return on(machine.Options{Packed: machine.NewPackedWeights()}) }

// on is the CPU with options that are right.
func on(o machine.Options) graph.Device {
	d, err := machine.New(o)
	if err != nil {
		panic(err)
	}
	return d
}
