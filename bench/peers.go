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

// PeerNames are the libraries that peers/worker.py can be.
var PeerNames = []string{"torch", "torch-compile", "onnxruntime", "openvino"}

// Peers says where the peers are and what they may use.
type Peers struct {
	Dir     string // what peers/setup.sh made: venv/ and models/
	Scripts string // the folder peers/ of this package
	Threads int
}

// Models is the folder of the model folders.
func (p Peers) Models() string { return filepath.Join(p.Dir, "models") }

// Launch is how a peer is started.
func (p Peers) Launch(name string) (Launch, error) {
	if !slices.Contains(PeerNames, name) {
		return Launch{}, fmt.Errorf("no peer %q; there are %s", name, strings.Join(PeerNames, ", "))
	}
	python := filepath.Join(p.Dir, "venv", "bin", "python")
	if runtime.GOOS == "windows" {
		python = filepath.Join(p.Dir, "venv", "Scripts", "python.exe")
	}
	script := filepath.Join(p.Scripts, "worker.py")
	if _, err := os.Stat(script); errors.Is(err, fs.ErrNotExist) {
		return Launch{}, fmt.Errorf("%s is not here: run this in the root of the repository", script)
	}
	if _, err := os.Stat(python); errors.Is(err, fs.ErrNotExist) {
		return Launch{}, fmt.Errorf("%s is not there: run %s first", python, filepath.Join(p.Scripts, "setup.sh"))
	}
	env := append(os.Environ(), "CUDA_VISIBLE_DEVICES=", fmt.Sprintf("OMP_NUM_THREADS=%d", p.Threads),
		"TORCHINDUCTOR_CACHE_DIR="+filepath.Join(p.Dir, "inductor"))
	if forcedAVX2() {
		if name == "onnxruntime" {
			return Launch{}, ErrNotForced
		}
		env = append(env, avx2Settings...)
	}
	return Launch{name, func() (*Process, error) {
		return StartProcess(name, p.Models(), p.Threads, env, python, script, name)
	}}, nil
}

// avx2Settings keep PyTorch, inductor, oneDNN (in PyTorch and OpenVINO) and MKL from
// instructions beyond AVX2.
var avx2Settings = []string{"ATEN_CPU_CAPABILITY=avx2", "ONEDNN_MAX_CPU_ISA=AVX2", "DNNL_MAX_CPU_ISA=AVX2", "MKL_ENABLE_INSTRUCTIONS=AVX2"}

// ErrNotForced says why a peer is missing where this library is kept to AVX2.
var ErrNotForced = errors.New("has no setting that keeps it from AVX-512, which the comparison at AVX2 forbids: it is left out")

// forcedAVX2 reports whether ours is kept to AVX2 on a machine that has more: then
// the peers must be too.
func forcedAVX2() bool {
	level, err := cpu.Choose()
	have := cpu.Levels()
	return err == nil && level == cpu.AVX2 && have[len(have)-1] > cpu.AVX2
}

// Ours starts this library in a process of its own: a program and its arguments
// that end in Serve.
func (p Peers) Ours(command ...string) Launch {
	return Launch{(*Local)(nil).Name(), func() (*Process, error) {
		return StartProcess((*Local)(nil).Name(), p.Models(), p.Threads, os.Environ(), command...)
	}}
}

// SinglePictures is an Entrant that sits out larger batches. It is for references
// that are known not to be the fastest, for whose sake nobody should wait.
type SinglePictures struct{ Entrant }

// Prepare implements Entrant.
func (e SinglePictures) Prepare(ctx context.Context, c Case) (*Ready, error) {
	if c.Batch > 1 {
		return nil, errors.New("is measured with batch 1 only")
	}
	return e.Entrant.Prepare(ctx, c)
}
