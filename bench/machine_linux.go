package bench

import (
	"bufio"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// flagsThatMatter are the flags of /proc/cpuinfo that kernels, ours or the peers', test for.
var flagsThatMatter = []string{
	"avx", "f16c", "fma", "avx2", "avx_vnni", "avx512f", "avx512dq", "avx512bw", "avx512vl", "avx512_vnni",
	"avx512_bf16", "avx512_fp16", "amx_tile", "amx_bf16", "amx_int8", "asimd", "asimddp", "i8mm", "bf16", "sve",
}

// detail reads the description of the first processor from /proc and /sys.
func detail(m *Machine) {
	cpuinfo(m, "/proc/cpuinfo")
	if release := firstLine("/proc/sys/kernel/osrelease"); release != "" {
		m.System += ", Linux " + release
	}
	if data, err := os.ReadFile("/proc/meminfo"); err == nil {
		for line := range strings.Lines(string(data)) {
			if f := strings.Fields(line); len(f) > 1 && f[0] == "MemTotal:" {
				kb, _ := strconv.ParseInt(f[1], 10, 64)
				m.Memory = kb << 10
			}
		}
	}
	levels, _ := filepath.Glob("/sys/devices/system/cpu/cpu0/cache/index*")
	for _, dir := range levels {
		kind := map[string]string{"Data": "d", "Instruction": "i"}[firstLine(dir+"/type")]
		m.Caches = append(m.Caches, "L"+firstLine(dir+"/level")+kind+" "+firstLine(dir+"/size"))
	}
}

func cpuinfo(m *Machine, path string) {
	f, err := os.Open(path)
	if err != nil {
		return
	}
	defer f.Close()
	said := map[string]string{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() && lines.Text() != "" { // a blank line ends a processor
		key, value, _ := strings.Cut(lines.Text(), ":")
		said[strings.TrimSpace(key)] = strings.TrimSpace(value)
	}
	name := cmp.Or(said["model name"], m.CPU)
	switch {
	case said["vendor_id"] != "":
		m.CPU = fmt.Sprintf("%s (%s, family %s, model %s, stepping %s)",
			name, said["vendor_id"], said["cpu family"], said["model"], said["stepping"])
	case said["CPU part"] != "": // Arm, mostly without a name
		m.CPU = fmt.Sprintf("%s (implementer %s, part %s, variant %s, revision %s)",
			name, said["CPU implementer"], said["CPU part"], said["CPU variant"], said["CPU revision"])
	default:
		m.CPU = name
	}
	have := strings.Fields(said["flags"] + " " + said["Features"])
	for _, flag := range flagsThatMatter {
		if slices.Contains(have, flag) {
			m.Flags = append(m.Flags, flag)
		}
	}
}

func firstLine(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(data), "\n")
	return strings.TrimSpace(line)
}
