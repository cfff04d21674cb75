//go:build nvidia && cudasim && linux && cgo

package driver_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"cradio/cuda/internal/libcudasim"
	"cradio/graph"

	"github.com/stretchr/testify/require"
)

// user is a goroutine's machine of a model on a GPU, with an input of its own.
type user struct {
	of      *onGPU
	machine graph.Machine
	input   float32
}

func (u user) run() ([]float32, error) {
	x := u.machine.Input(u.of.x).Float32s()
	for i := range x {
		x[i] = u.input * float32(i%5)
	}
	if err := u.machine.Run(context.Background()); err != nil {
		return nil, err
	}
	y, err := u.machine.Value(u.of.y)
	if err != nil {
		return nil, err
	}
	return slices.Clone(y.Float32s()), nil
}

// several calls f with two models on one GPU, and two users of each, and closes all.
func several(t *testing.T, f func([]user)) {
	var models []*onGPU
	var users []user
	for i := range 2 {
		m, err := openModel(t)
		require.NoError(t, err)
		models = append(models, m)
		other, err := graph.NewMachine(m.program)
		require.NoError(t, err)
		users = append(users, user{m, m.machine, float32(1 + i)}, user{m, other, float32(3 + i)})
	}
	f(users)
	for i, u := range users {
		if i%2 == 1 { // else the model closes it
			require.NoError(t, u.machine.Close())
		}
	}
	for _, m := range models {
		m.close()
	}
	require.Zero(t, libcudasim.Unfreed())
}

// atOnce lets each user run so often, and returns what each got last, and every error.
func atOnce(users []user, passes int) (last [][]float32, errs []error) {
	last, found := make([][]float32, len(users)), make([][]error, len(users))
	var group sync.WaitGroup
	for i, u := range users {
		group.Go(func() {
			for range passes {
				y, err := u.run()
				last[i], found[i] = y, append(found[i], err)
			}
		})
	}
	group.Wait()
	return last, slices.Concat(found...)
}

// Two models share a GPU, and two goroutines each of them, all at once: each gets what it gets alone. This is small
// enough for the race detector.
func TestSeveralAtOnce(t *testing.T) {
	var want [][]float32
	several(t, func(users []user) {
		for _, u := range users {
			y, err := u.run()
			require.NoError(t, err)
			want = append(want, y)
		}
		require.NotEqual(t, want[0], want[1])
	})
	several(t, func(users []user) { // whose first runs, which are recorded, are at once too
		got, errs := atOnce(users, 4)
		require.NoError(t, errors.Join(errs...))
		require.Equal(t, want, got)
	})
}

// A GPU that is lost while several use it is lost to all: who had finished before notices at the next run, nobody
// gets a result afterwards, and everything is given back.
func TestLostToSeveral(t *testing.T) {
	t.Cleanup(func() { libcudasim.Inject(libcudasim.Fault{}) })
	for after := range 12 {
		several(t, func(users []user) {
			libcudasim.Inject(libcudasim.Fault{Code: 719, Of: libcudasim.Launches, After: after})
			_, errs := atOnce(users, 3)
			var gone *graph.LostError
			require.ErrorAs(t, errors.Join(errs...), &gone)
			for i, u := range users {
				lost := false
				for _, err := range errs[3*i:][:3] {
					lost = lost || err != nil
					require.Equal(t, lost, errors.As(err, &gone), err)
				}
				_, err := u.run()
				require.ErrorAs(t, err, &gone, "in the end")
			}
		})
	}
}
