package bench

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of /proc/stat: USER_HZ, 100 on every Linux that Go runs on.
const tick = 10 * time.Millisecond

// times is processor time since the start: of the machine, and of the measured
// processes.
type times struct{ machine, own time.Duration }

// usage reads the times. own is that of this process and pid. See proc(5).
func usage(pid int) times {
	var t times
	if data, err := os.ReadFile("/proc/stat"); err == nil {
		line, _, _ := strings.Cut(string(data), "\n")
		// cpu user nice system idle iowait irq softirq steal
		f := strings.Fields(line)
		for _, i := range []int{1, 2, 3, 6, 7, 8} {
			t.machine += ticks(f, i)
		}
	}
	for _, p := range slices.Compact([]int{os.Getpid(), pid}) {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p))
		if err != nil {
			continue
		}
		s := string(data)
		// The name, in parentheses, may hold anything; field 3 follows it.
		f := strings.Fields(s[strings.LastIndexByte(s, ')')+1:])
		t.own += ticks(f, 11) + ticks(f, 12) // utime, stime: fields 14 and 15
	}
	return t
}

func ticks(fields []string, i int) time.Duration {
	if i >= len(fields) {
		return 0
	}
	n, err := strconv.ParseInt(fields[i], 10, 64)
	if err != nil {
		return 0
	}
	return time.Duration(n) * tick
}

// others returns the fraction of processor time that other processes used since an
// earlier usage, minus the possible rounding of a tick.
func (t times) others(since times, elapsed time.Duration) float64 {
	rounding := time.Duration(runtime.NumCPU()+1) * tick
	took := (t.machine - since.machine) - (t.own - since.own) - rounding
	return max(0, took.Seconds()/(elapsed.Seconds()*float64(runtime.NumCPU())))
}

// peakMemory returns the peak memory of a process in bytes, VmHWM.
func peakMemory(pid int) int64 { return statusField(pid, "VmHWM:") }

func statusField(pid int, name string) int64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			kb, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			return kb << 10
		}
	}
	return 0
}
