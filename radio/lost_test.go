package radio

import (
	"context"
	"errors"
	"testing"

	"cradio/graph"
	"cradio/loader"

	"github.com/stretchr/testify/require"
)

// losing is a device that is lost in its second run.
type losing struct {
	graph.Device
	runs int
}

// Load implements graph.Device.
func (d *losing) Load(p *graph.Program) (graph.Machine, error) {
	m, err := d.Device.Load(p)
	return &losingMachine{m, d}, err
}

type losingMachine struct {
	graph.Machine
	of *losing
}

// Run implements graph.Machine.
func (m *losingMachine) Run(ctx context.Context) error {
	if m.of.runs++; m.of.runs > 1 {
		return &graph.LostError{Device: "a GPU", Reason: errors.New("it fell out")}
	}
	return m.Machine.Run(ctx)
}

// A device that is lost ends a job: no other image would be computed. What was computed before is kept.
func TestStreamLost(t *testing.T) {
	_, inputs := mixed()
	c, err := parse(t, nanoConfig(t))
	require.NoError(t, err)
	device, err := (&Options{}).device()
	require.NoError(t, err)
	d := &losing{Device: device}
	e := keepSize(t, 2)
	e.Model, err = newOn(d, c, loader.NewSynthetic(""), Options{})
	require.NoError(t, err)
	n := 0
	err = e.Stream(t.Context(), inputs, func(r Result) error {
		n++
		return r.Err
	})
	var lost *graph.LostError
	require.ErrorAs(t, err, &lost)
	require.Equal(t, 2, d.runs)
	require.LessOrEqual(t, n, 2, "of the first batch")
	require.NoError(t, e.Model.Close())
}
