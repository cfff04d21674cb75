//go:build nvidia && !cudasim && linux && cgo && (amd64 || arm64)

package driver_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"cradio/cuda/driver"

	"github.com/stretchr/testify/require"
)

// fakes are libraries in the place of libcuda.so.1, and what Open says of them.
var fakes = map[string]struct{ source, want string }{
	"none":           {"", "no NVIDIA driver can be used: libcuda.so.1: cannot open shared object file"},
	"not a driver":   {"int other(void) { return 0; }", "no NVIDIA driver can be used: cuInit: error 500"},
	"without a GPU":  {"int cuInit(unsigned flags) { return 100; }", "it finds no GPU (cuInit: error 100): install it"},
	"of two":         {"int cuInit(unsigned flags) { return 803; }", "its library is of another version than its kernel module"},
	"that hides all": {"int cuInit(unsigned flags) { return 0; }\nint cuDeviceGetCount(int *n) { *n = 0; return 0; }", "the NVIDIA driver finds no GPU: check CUDA_VISIBLE_DEVICES"},
	"too old":        {"int cuInit(unsigned flags) { return 0; }", "counting GPUs: "},
}

const asked = "CRADIO_TEST_FAKE_LIBCUDA"

// A program that was built for GPUs starts without a driver, and Open says what is wrong. Each
// case is a process of its own, since a library is opened once.
func TestDrivers(t *testing.T) {
	if name := os.Getenv(asked); name != "" {
		_, err := driver.Open(0)
		require.ErrorContains(t, err, fakes[name].want)
		require.NotContains(t, err.Error(), "\n")
		return
	}
	cc, err := exec.LookPath("cc")
	if err != nil {
		t.Skip("there is no C compiler to make libraries with")
	}
	for name, fake := range fakes {
		t.Run(name, func(t *testing.T) {
			if name == "none" && driverInstalled() {
				t.Skip("a driver is installed")
			}
			dir := t.TempDir()
			if fake.source != "" {
				source := filepath.Join(dir, "fake.c")
				require.NoError(t, os.WriteFile(source, []byte(fake.source), 0o600))
				out, err := exec.Command(cc, "-shared", "-fPIC", "-o", filepath.Join(dir, "libcuda.so.1"), source).CombinedOutput()
				require.NoError(t, err, string(out))
			}
			self, err := os.Executable()
			require.NoError(t, err)
			again := exec.Command(self, "-test.run", "^TestDrivers$")
			again.Env = append(os.Environ(), asked+"="+name, "LD_LIBRARY_PATH="+dir)
			out, err := again.CombinedOutput()
			require.NoError(t, err, string(out))
		})
	}
}

// driverInstalled says whether the system has the driver's library.
func driverInstalled() bool {
	for _, pattern := range []string{"/usr/lib*/libcuda.so.1", "/usr/lib*/*/libcuda.so.1", "/usr/local/cuda*/compat/libcuda.so.1"} {
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			return true
		}
	}
	return false
}
