package kernel

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/cpu"
)

func TestVendor(t *testing.T) {
	require.Len(t, vendor(), 12)
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil && strings.Contains(string(info), "vendor_id") {
		require.Contains(t, string(info), vendor())
	}
}

func TestForVendor(t *testing.T) {
	if !cpu.X86.HasAVX512BF16 {
		t.Skip("this machine lacks AVX512_BF16")
	}
	amd, intel := forVendor(avx512bf16(), "AuthenticAMD"), forVendor(avx512bf16(), "GenuineIntel")
	require.True(t, amd.BFloat16.Multiply() && amd.BFloat16.Attend() && amd.Interleave != nil)
	require.False(t, intel.BFloat16.Multiply() || intel.BFloat16.Attend() || intel.Interleave != nil)
	require.True(t, intel.Widened.Multiply() && intel.Int8.Multiply())
}
