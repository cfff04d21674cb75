package cores

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// system counts the fast ones of the cores that this process may use.
func system() int {
	var mine unix.CPUSet
	if unix.SchedGetaffinity(0, &mine) != nil {
		return 0
	}
	return fastIn("/sys/devices/system/cpu", len(mine)*strconv.IntSize, mine.IsSet)
}

// fastIn counts those cores below most whose capacity is half the largest or more: a core in
// the middle of three sizes is fast. It is 0 where the capacity of one is not known, as on
// machines whose cores are alike.
func fastIn(folder string, most int, mine func(core int) bool) int {
	var capacities []uint64
	top := uint64(0)
	for core := range most {
		if !mine(core) {
			continue
		}
		c := capacity(filepath.Join(folder, fmt.Sprintf("cpu%d", core), "cpu_capacity"))
		if c == 0 {
			return 0
		}
		capacities = append(capacities, c)
		top = max(top, c)
	}
	n := 0
	for _, c := range capacities {
		if 2*c >= top {
			n++
		}
	}
	return n
}

// capacity reads the speed of a core, of which the largest of a machine is 1024. It is 0 where
// the file is missing or holds anything else than a number of at most 31 bits.
func capacity(path string) uint64 {
	f, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 32))
	if err != nil {
		return 0
	}
	c, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 31)
	if err != nil {
		return 0
	}
	return c
}
