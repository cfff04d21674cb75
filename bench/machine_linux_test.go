package bench

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Linux names a processor of Intel or AMD, and numbers one of Arm.
func TestProcessor(t *testing.T) {
	for _, c := range []struct{ arch, said, want string }{
		{"amd64", "vendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 17\nmodel name\t: AMD EPYC 9R14\nstepping\t: 1\nflags\t\t: fpu avx2\n\n",
			"AMD EPYC 9R14 (AuthenticAMD, family 25, model 17, stepping 1)"},
		{"arm64", "BogoMIPS\t: 2100.00\nFeatures\t: fp asimd avx2\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x1\nCPU part\t: 0xd40\nCPU revision\t: 2\n\nCPU part\t: 0xd05\n",
			"arm64 (implementer 0x41, part 0xd40, variant 0x1, revision 2)"},
		{"arm64", "model name\t: ARMv8 Processor rev 2 (v8l)\nFeatures\t: avx2\nCPU implementer\t: 0x41\nCPU variant\t: 0x1\nCPU part\t: 0xd40\nCPU revision\t: 2\n\n",
			"ARMv8 Processor rev 2 (v8l) (implementer 0x41, part 0xd40, variant 0x1, revision 2)"},
		{"riscv64", "hart\t\t: 2\nisa\t\t: rv64imafdc\nflags\t: avx2\n", "riscv64"},
	} {
		path := filepath.Join(t.TempDir(), "cpuinfo")
		require.NoError(t, os.WriteFile(path, []byte("processor\t: 0\n"+c.said), 0o600))
		m := Machine{CPU: c.arch}
		cpuinfo(&m, path)
		require.Equal(t, c.want, m.CPU)
		require.Contains(t, m.Flags, "avx2")
	}
}
