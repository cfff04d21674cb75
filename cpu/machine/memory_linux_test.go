package machine

import (
	"testing"
	"testing/fstest"

	"cradio/graph"

	"github.com/stretchr/testify/require"
)

func TestSystemLimits(t *testing.T) {
	const mib = 1 << 20
	meminfo := "MemTotal: 8192 kB\nMemFree: 10 kB\nMemAvailable: 4096 kB\nSwapFree: 1024 kB\nCommitLimit: 9000 kB\nCommitted_AS: 1000 kB\n"
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	for name, c := range map[string]struct {
		files fstest.MapFS
		want  []limit
	}{
		"nothing is known": {fstest.MapFS{}, nil},
		"no groups": {fstest.MapFS{"proc/meminfo": file(meminfo), "proc/sys/vm/overcommit_memory": file("0\n")},
			[]limit{{name: "the memory of this computer", free: 5 * mib}}},
		"strict": {fstest.MapFS{"proc/meminfo": file(meminfo), "proc/sys/vm/overcommit_memory": file("2\n")},
			[]limit{{name: "the memory of this computer", free: 5 * mib}, {"what this computer promises (vm.overcommit_memory=2)", 8000 << 10, true}}},
		"groups": {fstest.MapFS{
			"proc/self/cgroup":                    file("0::/a/b\n"),
			"proc/meminfo":                        file("SwapFree: 3072 kB\n"),
			"sys/fs/cgroup/a/b/memory.max":        file("max\n"),
			"sys/fs/cgroup/a/b/memory.current":    file("5\n"),
			"sys/fs/cgroup/a/memory.max":          file("1000000\n"),
			"sys/fs/cgroup/a/memory.current":      file("900000\n"),
			"sys/fs/cgroup/a/memory.stat":         file("anon 1\ninactive_file 20000\nactive_file 3000\n"),
			"sys/fs/cgroup/a/memory.swap.max":     file("700\n"),
			"sys/fs/cgroup/a/memory.swap.current": file("200\n"),
		}, []limit{{name: "the control group /a", free: 123500}}},
		"groups without swap": {fstest.MapFS{
			"proc/self/cgroup":              file("0::/\n"),
			"sys/fs/cgroup/memory.max":      file("1000000\n"),
			"sys/fs/cgroup/memory.current":  file("900000\n"),
			"sys/fs/cgroup/memory.swap.max": file("max\n"),
			"sys/fs/cgroup/memory.stat":     file("nonsense\n\n"),
		}, []limit{{name: "the control group /", free: 100000}}},
		"older groups": {fstest.MapFS{
			"proc/self/cgroup": file("9:cpu:/\n4:memory,other:/x/y\nnonsense\n"),
			"sys/fs/cgroup/memory/x/y/memory.limit_in_bytes": file("9223372036854771712\n"),
			"sys/fs/cgroup/memory/x/y/memory.usage_in_bytes": file("7\n"),
			"sys/fs/cgroup/memory/memory.limit_in_bytes":     file("500\n"),
			"sys/fs/cgroup/memory/memory.usage_in_bytes":     file("400\n"),
			"sys/fs/cgroup/memory/memory.stat":               file("inactive_file 1\ntotal_inactive_file 30\ntotal_active_file 4\n"),
		}, []limit{{name: "the control group /", free: 134}}},
	} {
		require.Equal(t, c.want, systemLimits(c.files), name)
	}
	require.NotEmpty(t, limits(), "this computer has memory")
}

func TestTightestLimit(t *testing.T) {
	list := []limit{{"a", 1000 << 20, false}, {"b", 1100 << 20, true}, {"c", 800 << 20, false}}
	require.NoError(t, tightest(list, 800<<20))
	require.NoError(t, tightest(nil, 1<<60))
	err := tightest(list, 850<<20).(*graph.MemoryError)
	require.Equal(t, graph.MemoryError{Need: 850 << 20, Free: 800 << 20, Limit: "c"}, *err)
	require.Equal(t, "needs 891 MB of memory, and c has 839 MB left", err.Error())
	err = tightest(list[:2], 970<<20).(*graph.MemoryError)
	require.Equal(t, graph.MemoryError{Need: 970 << 20, Free: 1100<<20 - heapUnits, Limit: "b"}, *err, "the heap takes more than it is asked for")
	require.Equal(t, "needs 12.3 GB of memory, and x has 0 bytes left", (&graph.MemoryError{Need: 12345678901, Free: -5, Limit: "x"}).Error())
}

func BenchmarkLimits(b *testing.B) {
	for b.Loop() {
		limits()
	}
}
