// Package driver opens NVIDIA GPUs for package cuda, through gorgonia.org/cu. Importing it
// registers the device "cuda".
//
// It is there in programs that are built with cgo and the tag nvidia, on Linux:
//
//	CGO_ENABLED=1 CGO_CFLAGS="$(cuda/driver/headers.sh FOLDER)" go build -tags nvidia ./cmd/cradio
//
// headers.sh fetches NVIDIA's header cuda.h, unless CUDA's toolkit is installed. The driver itself
// is opened when a GPU is asked for; such a program starts on machines without one. Without the
// tag, [Open] says how to build. The tag is not "cuda", since that one belongs to
// gorgonia.org/gorgonia: it adds Gorgonia's own CUDA code, which needs cuDNN 8.
package driver

import "cradio/graph"

// Built says whether this program can open GPUs.
func Built() bool { return built }

// How says how to build a program that can open GPUs.
const How = "build with CGO_ENABLED=1 go build -tags nvidia (cuda/README.md says more), or choose device cpu"

// name is that by which GPUs are registered.
const name = "cuda"

func init() {
	if built {
		graph.Register(graph.Registration{Name: name, Count: count, Open: device})
	}
}
