package cores

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// recorded is the answer of Wine 8 on a machine with two cores of one kind: size, type, id, group, index, core,
// cache, node, class, flags, four bytes of scheduling class, and the tag of allocation, twice.
var recorded = []byte{
	32, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	32, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
}

// cpuSet is one record.
func cpuSet(kind, group, index, class int) []byte {
	r := make([]byte, 32)
	binary.LittleEndian.PutUint32(r[0:], 32)
	binary.LittleEndian.PutUint32(r[4:], uint32(kind))
	binary.LittleEndian.PutUint16(r[12:], uint16(group))
	r[14], r[18] = byte(index), byte(class)
	return r
}

// machineOf has a processor of each class in group 0.
func machineOf(classes ...int) (sets []byte) {
	for i, class := range classes {
		sets = append(sets, cpuSet(0, 0, i, class)...)
	}
	return sets
}

func anyCore(int, int) bool { return true }

func TestFastOfCPUSets(t *testing.T) {
	require.Zero(t, fastOf(recorded, anyCore))
	faster := slices.Clone(recorded)
	faster[32+18] = 1
	require.Equal(t, 1, fastOf(faster, anyCore), "the second core is faster")
	require.Zero(t, fastOf(faster, func(_, index int) bool { return index == 1 }), "a process that may use that one")
	require.Equal(t, 4, fastOf(machineOf(0, 0, 0, 0, 1, 1, 1, 1), anyCore), "two kinds")
	require.Equal(t, 3, fastOf(machineOf(0, 0, 1, 1, 2), anyCore), "three kinds: the middle one is fast")
	require.Equal(t, 2, fastOf(machineOf(9, 9, 4), anyCore), "the order of classes matters, not their numbers")
	require.Zero(t, fastOf(machineOf(1, 1, 1, 1), anyCore), "one kind")
	require.Zero(t, fastOf(nil, anyCore), "no answer")
	require.Equal(t, 1, fastOf(append(cpuSet(1, 0, 7, 5), machineOf(0, 1)...), anyCore), "a record of another type")
	longer := append(cpuSet(0, 0, 0, 1), make([]byte, 8)...)
	longer[0] = 40
	require.Equal(t, 1, fastOf(append(longer, machineOf(0)...), anyCore), "records of a later Windows are longer")
}

// A process that may use slow cores alone takes all of them: there is nothing to leave out.
func TestFastOfCPUSetsOfAProcess(t *testing.T) {
	sets := machineOf(0, 0, 1, 1)
	require.Zero(t, fastOf(sets, func(_, index int) bool { return index < 2 }))
	require.Equal(t, 1, fastOf(sets, func(_, index int) bool { return index%2 == 0 }))
	require.Zero(t, fastOf(sets, func(group, _ int) bool { return group == 1 }))
}

func TestFastOfDamagedCPUSets(t *testing.T) {
	sets := machineOf(0, 1)
	require.Zero(t, fastOf(sets[:len(sets)-1], anyCore), "cut short")
	require.Zero(t, fastOf(sets[:len(sets)-31], anyCore), "without a size")
	for _, size := range []byte{0, 18, 33} {
		sets[32] = size
		require.Zero(t, fastOf(sets, anyCore), "the last record says %d bytes", size)
	}
}

// Whatever bytes come, the answer is a number of records, and some core is left out of it.
func FuzzFastOf(f *testing.F) {
	f.Add(recorded)
	f.Add(machineOf(2, 0, 1, 1)[:100])
	f.Fuzz(func(t *testing.T, sets []byte) {
		asked := 0
		n := fastOf(sets, func(_, index int) bool {
			asked++
			return index < 64
		})
		require.GreaterOrEqual(t, n, 0)
		require.LessOrEqual(t, n, max(0, asked-1))
		require.LessOrEqual(t, asked, len(sets)/setBytes)
	})
}
