//go:build nvidia && cudasim && linux && cgo

package driver_test

import (
	"bytes"
	"sync"
	"testing"

	"cradio/cuda"
	"cradio/cuda/driver"
	"cradio/cuda/internal/libcudasim"

	"github.com/stretchr/testify/require"
)

// batch is what is copied: longer than both halves of the pinned memory. The kernel doubles so many numbers near its end,
// which is copied last.
const (
	batch   = 9<<20 + 5
	doubled = 32
	from    = 9<<20 - 4*doubled
	batches = 3
)

func batchOf(i int) []byte { return made()[i] }

var made = sync.OnceValue(func() (list [batches + 2][]byte) {
	for i := range list {
		b := bytes.Repeat([]byte{byte(i), byte(2 * i), byte(0x40 + i), 0x40}, batch/4+1)[:batch]
		for j := range from {
			b[j] = byte(j*31>>13 + 7*i)
		}
		list[i] = b
	}
	return list
})

// piece is part of a batch, as the kernel gets it.
var piece = bytes.Repeat([]byte{1, 2, 3, 0x40}, doubled/2)

// afterwards is a batch as the kernel leaves it: twice a float32 has an exponent that is larger by one.
func afterwards(b []byte) []byte {
	b = bytes.Clone(b)
	for i := range doubled {
		number := b[from+4*i:][:4]
		if number[2] += 0x80; number[2] < 0x80 {
			number[3]++
		}
	}
	return b
}

// overlapped computes batches in two places in turn, as two machines do: what one needs is copied while the
// kernels of the other run. It returns what comes back.
func overlapped(t *testing.T) (results [][]byte, err error) {
	d, err := driver.Open(0)
	require.NoError(t, err)
	defer d.Close()
	m, err := d.Load(double)
	require.NoError(t, err)
	f, err := m.Function("double")
	require.NoError(t, err)
	var places [2]cuda.Pointer
	var marks [2]cuda.Mark
	for i := range places {
		places[i], err = d.Alloc(batch)
		require.NoError(t, err)
		marks[i], err = d.Mark()
		require.NoError(t, err)
	}
	start := func(i int) {
		place, mark := places[i%2], marks[i%2]
		require.NoError(t, d.Send(place, batchOf(i)))
		require.NoError(t, d.Launch(f, cuda.Launch{Grid: [3]int{1, 1, 1}, Block: [3]int{doubled, 1, 1}, Args: []any{place + from, float32(2), int32(doubled)}}))
		require.NoError(t, mark.Set())
	}
	receive := func(i int) error {
		got := make([]byte, batch)
		results = append(results, got)
		return d.Receive(got, places[i%2], marks[i%2])
	}
	for i := range batches {
		if i >= 2 {
			if err := receive(i - 2); err != nil {
				return results, err
			}
		}
		start(i)
	}
	for i := batches - 2; i < batches; i++ {
		if err := receive(i); err != nil {
			return results, err
		}
	}
	start(batches) // whose place is used again once it has ended
	mark := marks[batches%2]
	if err := mark.Wait(); err != nil {
		return results, err
	}
	require.NoError(t, d.Send(places[batches%2]+from, piece))
	require.NoError(t, mark.Set())
	if err := receive(batches); err != nil {
		return results, err
	}
	require.NoError(t, d.Upload(places[0], batchOf(batches+1))) // in the order of launches
	require.NoError(t, marks[0].Set())
	return results, receive(0)
}

// Copies beside kernels are right, whether copies or launches are done as early as events allow, or all as late.
// Each wait for an event or a stream is then left out, one after another: every one that has something to wait for is
// missed.
func TestOverlap(t *testing.T) {
	var want [][]byte
	for i := range batches + 1 {
		want = append(want, afterwards(batchOf(i)))
	}
	copy(want[batches][from:], piece)
	want = append(want, batchOf(batches+1))
	t.Cleanup(func() { libcudasim.Early = libcudasim.Nothing })
	right := func(early libcudasim.Work) bool {
		libcudasim.Early = early
		got, err := overlapped(t)
		require.Zero(t, libcudasim.Unfreed())
		for i := range got {
			if !bytes.Equal(want[i], got[i]) {
				return false
			}
		}
		return err == nil && len(got) == len(want)
	}
	libcudasim.LeaveOut(0)
	orders := []libcudasim.Work{libcudasim.Nothing, libcudasim.Copies, libcudasim.Launches}
	for _, early := range orders {
		require.True(t, right(early), "%v early", early)
	}
	total, missed := libcudasim.LeaveOut(0).Count/len(orders), 0
	for n := 1; n <= total; n++ {
		mattered, noticed := false, false
		for i := 0; i < len(orders) && !noticed; i++ {
			libcudasim.LeaveOut(n)
			noticed = !right(orders[i])
			mattered = libcudasim.LeaveOut(0).Mattered || mattered
		}
		require.Equal(t, mattered, noticed, "wait %d of %d", n, total)
		if noticed {
			missed++
		}
	}
	t.Logf("%d of %d waits have something to wait for, and each is missed", missed, total)
	require.Greater(t, missed, 20)
}
