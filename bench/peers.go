package bench

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"cradio/cpu"
)

// PeerNames are the libraries that peers/worker.py can measure.
var PeerNames = []string{"torch", "torch-compile", "onnxruntime", "openvino"}

// PeersOf are those that are measured on an architecture. On arm64 they are what its users run:
// PyTorch and ONNX Runtime.
func PeersOf(arch string) []string {
	if arch == "amd64" {
		return PeerNames
	}
	return PeerNames[:slices.Index(PeerNames, "openvino")]
}

// GradientPeers are those that compute gradients.
var GradientPeers = []string{"torch", "torch-compile"}

// GPUPeers are those that compute on a GPU.
var GPUPeers = []string{"torch-cuda"}

// Peers is the installation of the peers, and the threads that they may use.
type Peers struct {
	Dir     string // the folder of peers/setup.sh, with venv/ and models/
	Scripts string // the folder peers/ of this package
	Threads int
	Device  string // of --device; empty is the CPU
}

// Models returns the folder that contains the model folders.
func (p Peers) Models() string { return filepath.Join(p.Dir, "models") }

// Launch returns how to start a peer.
func (p Peers) Launch(name string) (Launch, error) {
	names, where := PeerNames, ""
	if !OnCPU(p.Device) {
		names, where = GPUPeers, " on device "+p.Device
	}
	if !slices.Contains(names, name) {
		return Launch{}, fmt.Errorf("no peer %q%s; the peers are %s", name, where, strings.Join(names, ", "))
	}
	python := filepath.Join(p.Dir, "venv", "bin", "python")
	if runtime.GOOS == "windows" {
		python = filepath.Join(p.Dir, "venv", "Scripts", "python.exe")
	}
	script := filepath.Join(p.Scripts, "worker.py")
	if _, err := os.Stat(script); errors.Is(err, fs.ErrNotExist) {
		return Launch{}, fmt.Errorf("%s does not exist: run this in the root of the repository", script)
	}
	if _, err := os.Stat(python); errors.Is(err, fs.ErrNotExist) {
		return Launch{}, fmt.Errorf("%s does not exist: run %s first", python, filepath.Join(p.Scripts, "setup.sh"))
	}
	env := append(os.Environ(), p.visible(), fmt.Sprintf("OMP_NUM_THREADS=%d", p.Threads),
		"TORCHINDUCTOR_CACHE_DIR="+filepath.Join(p.Dir, "inductor"))
	if OnCPU(p.Device) && forcedAVX2() {
		if name == "onnxruntime" {
			return Launch{}, ErrNotForced
		}
		env = append(env, avx2Settings...)
	}
	return Launch{name, func() (*Process, error) {
		return StartProcess(name, p.Models(), p.Threads, env, python, script, name)
	}}, nil
}

// visible says which GPUs a peer sees: none beside the CPU, or that of the device, which is the first unless a
// number says otherwise.
func (p Peers) visible() string {
	const name = "CUDA_VISIBLE_DEVICES="
	if OnCPU(p.Device) {
		return name
	}
	if _, number, ok := strings.Cut(p.Device, ":"); ok {
		return name + number
	}
	return name + "0"
}

// avx2Settings restrict PyTorch, inductor, oneDNN (in PyTorch and OpenVINO) and MKL to
// AVX2.
var avx2Settings = []string{"ATEN_CPU_CAPABILITY=avx2", "ONEDNN_MAX_CPU_ISA=AVX2", "DNNL_MAX_CPU_ISA=AVX2", "MKL_ENABLE_INSTRUCTIONS=AVX2"}

// ErrNotForced is why a peer is left out when this library is restricted to AVX2.
var ErrNotForced = errors.New("is left out: it has no setting that restricts it to AVX2, which this comparison needs")

// forcedAVX2 reports whether this library is restricted to AVX2 on a machine that has
// more. Then the peers must be restricted too.
func forcedAVX2() bool {
	level, err := cpu.Choose()
	have := cpu.Levels()
	return err == nil && level == cpu.AVX2 && have[len(have)-1] > cpu.AVX2
}

// Ours returns how to start this library in a process of its own. The program and its
// arguments must call Serve.
func (p Peers) Ours(command ...string) Launch {
	return Launch{(*Local)(nil).Name(), func() (*Process, error) {
		ours, err := StartProcess((*Local)(nil).Name(), p.Models(), p.Threads, os.Environ(), command...)
		if err == nil {
			ours.device = p.Device
		}
		return ours, err
	}}
}

// SingleImages is an Entrant that is measured only with batch 1. This saves time for
// entrants that are known not to be the fastest.
type SingleImages struct{ Entrant }

// Prepare implements Entrant.
func (e SingleImages) Prepare(ctx context.Context, c Case) (*Ready, error) {
	if c.Batch > 1 {
		return nil, errors.New("is measured only with batch 1")
	}
	return e.Entrant.Prepare(ctx, c)
}
