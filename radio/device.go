package radio

import (
	"cradio/graph"

	_ "cradio/cpu/machine" // the default device
)

// device opens the device that the options ask for.
func (o *Options) device() (graph.Device, error) {
	_, precision, err := o.DType.elements()
	if err != nil {
		return nil, err
	}
	return graph.Open(o.Device, graph.DeviceOptions{Precision: precision, Threads: o.Threads, Frozen: true, Small: o.Small})
}

// Device is what the model computes on.
func (m *Model) Device() graph.Device { return m.target.Device }

// atOnce is how many forward passes run at once on a device, unless told otherwise.
func atOnce(d graph.Device) int {
	if p, ok := d.(graph.ParallelDevice); ok {
		return p.Parallel()
	}
	return 1
}

// packedDevice is a device that can save its packed weights, nil for another.
func packedDevice(d graph.Device) graph.PackedDevice {
	p, _ := d.(graph.PackedDevice)
	return p
}
