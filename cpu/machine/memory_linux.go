package machine

import (
	"io/fs"
	"math"
	"os"
	"path"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// limits are those on the memory of this process. Where one cannot be read there is none.
func limits() []limit {
	list := systemLimits(os.DirFS("/"))
	for _, r := range []struct {
		name     string
		resource int
		used     int // among the numbers of statm
	}{
		{"the limit on address space (ulimit -v)", unix.RLIMIT_AS, 0},
		{"the limit on data (ulimit -d)", unix.RLIMIT_DATA, 5},
	} {
		var of unix.Rlimit
		if err := unix.Getrlimit(r.resource, &of); err != nil || of.Cur >= math.MaxInt64 {
			continue
		}
		text, err := os.ReadFile("/proc/self/statm") // pages
		if pages := strings.Fields(string(text)); err == nil && len(pages) > r.used {
			used := number(pages[r.used]) * int64(os.Getpagesize())
			list = append(list, limit{r.name, int64(of.Cur) - used, true})
		}
	}
	return list
}

// systemLimits are those of the computer and of the control groups that the process is
// in, by the files of a system.
func systemLimits(system fs.FS) (list []limit) {
	info := fields(system, "proc/meminfo")
	swap := info["SwapFree"] << 10
	if free, ok := info["MemAvailable"]; ok { // pages that only hold files count
		list = append(list, limit{name: "the memory of this computer", free: free<<10 + swap})
	}
	if strict, _ := fs.ReadFile(system, "proc/sys/vm/overcommit_memory"); strings.TrimSpace(string(strict)) == "2" {
		list = append(list, limit{"what this computer promises (vm.overcommit_memory=2)", (info["CommitLimit"] - info["Committed_AS"]) << 10, true})
	}
	text, _ := fs.ReadFile(system, "proc/self/cgroup")
	for _, line := range strings.Split(string(text), "\n") {
		parts := strings.SplitN(line, ":", 3) // "4:memory:/a/b", or "0::/a/b"
		if len(parts) != 3 {
			continue
		}
		g := group{system: system, swap: swap}
		switch {
		case parts[1] == "":
			g.root, g.most, g.used, g.prefix = "sys/fs/cgroup", "memory.max", "memory.current", ""
		case strings.Contains(","+parts[1]+",", ",memory,"):
			g.root, g.most, g.used, g.prefix = "sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_"
		default:
			continue
		}
		for at := path.Clean("/" + parts[2]); ; at = path.Dir(at) {
			if free, ok := g.free(at); ok {
				list = append(list, limit{name: "the control group " + at, free: free})
			}
			if at == "/" {
				break
			}
		}
	}
	return list
}

// group is how a version of control groups tells of memory.
type group struct {
	system           fs.FS
	root, most, used string
	prefix           string // of what memory.stat counts of a group and those below it
	swap             int64  // that the computer has left
}

// free is what the group at a path has left; false where it has no limit.
func (g group) free(at string) (int64, bool) {
	dir := path.Join(g.root, at)
	most, ok := g.read(dir, g.most)
	used, known := g.read(dir, g.used)
	if !ok || !known {
		return 0, false
	}
	stat := fields(g.system, path.Join(dir, "memory.stat"))
	free := most - used + stat[g.prefix+"inactive_file"] + stat[g.prefix+"active_file"]
	if g.prefix != "" {
		return free, true // what a group may swap is counted in another way there
	}
	swap := g.swap
	if most, ok := g.read(dir, "memory.swap.max"); ok {
		used, _ := g.read(dir, "memory.swap.current")
		swap = min(swap, max(most-used, 0))
	}
	return free + swap, true
}

// read is the number in a file; false for "max", or none that limits anything.
func (g group) read(dir, name string) (int64, bool) {
	text, err := fs.ReadFile(g.system, path.Join(dir, name))
	n, bad := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	const none = 1 << 60
	return n, err == nil && bad == nil && n < none
}

// fields reads lines such as "MemAvailable: 123 kB" and "inactive_file 123".
func fields(system fs.FS, name string) map[string]int64 {
	text, err := fs.ReadFile(system, name)
	if err != nil {
		return nil
	}
	m := map[string]int64{}
	for _, line := range strings.Split(string(text), "\n") {
		if f := strings.Fields(line); len(f) >= 2 {
			m[strings.TrimSuffix(f[0], ":")] = number(f[1])
		}
	}
	return m
}

func number(text string) int64 {
	n, _ := strconv.ParseInt(text, 10, 64)
	return n
}
