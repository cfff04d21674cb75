package graph_test

import (
	"errors"
	"testing"

	"cradio/graph"

	"github.com/stretchr/testify/require"
	"gorgonia.org/tensor"
)

// elsewhere holds values of one number.
type elsewhere struct {
	value   float32
	fetched int
	err     error
}

func (e *elsewhere) String() string { return "a device" }

func (e *elsewhere) Fetch(_ *graph.Weight, to *tensor.Dense) error {
	e.fetched++
	if e.err != nil {
		return e.err
	}
	return to.Memset(e.value)
}

// A value that a device has written comes to main memory when the weight, or an entry of it, is asked for.
func TestHolder(t *testing.T) {
	w := graph.NewState("w", tensor.Float32, 2, 3, 2)
	entry, err := w.Index(1)
	require.NoError(t, err)
	part, err := entry.Index(2)
	require.NoError(t, err)
	whole, offset := part.Whole()
	require.Same(t, w, whole)
	require.Equal(t, 6+4, offset)
	whole, offset = w.Whole()
	require.Same(t, w, whole)
	require.Zero(t, offset)

	e := &elsewhere{value: 3}
	entry.HeldBy(e)
	require.Equal(t, 1, w.Version())
	require.Equal(t, graph.Holder(e), part.Holder())
	v, err := part.Value()
	require.NoError(t, err)
	require.Equal(t, []float32{3, 3}, v.Float32s())
	require.Nil(t, w.Holder())
	require.NoError(t, w.Home())
	require.Equal(t, 1, e.fetched, "once")

	e.err = errors.New("it is lost")
	w.HeldBy(e)
	_, err = w.Value()
	require.EqualError(t, err, `weight "w" is on a device: it is lost`)
	require.EqualError(t, part.Home(), `weight "w" is on a device: it is lost`)
	e.err = nil
	require.NoError(t, part.Home())
}
