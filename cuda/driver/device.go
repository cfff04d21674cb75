//go:build nvidia && linux && cgo && (amd64 || arm64)

package driver

import (
	"errors"
	"fmt"

	"cradio/cuda"
	"cradio/graph"
)

// device opens a GPU as a device of package graph, or all of them.
func device(o graph.DeviceOptions) (graph.Device, error) {
	if o.Index != graph.All {
		return one(o, o.Index)
	}
	n, err := count()
	if err != nil {
		return nil, err
	}
	var list []*cuda.Device
	for i := range n {
		d, err := one(o, i)
		if err != nil {
			for _, d := range list {
				err = errors.Join(err, d.Close())
			}
			return nil, fmt.Errorf("%w; or choose one GPU, such as cuda:0", err)
		}
		list = append(list, d)
	}
	return cuda.Together(list)
}

func one(o graph.DeviceOptions, index int) (*cuda.Device, error) {
	g, err := Open(index)
	if err != nil {
		return nil, err
	}
	d, err := cuda.New(cuda.Options{Driver: g, Index: index, Precision: o.Precision, Frozen: o.Frozen, Small: o.Small})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("GPU %d: %w", index, err), g.Close())
	}
	return d, nil
}
