//go:build nvidia && linux && cgo && (amd64 || arm64)

package driver

import (
	"errors"
	"fmt"

	"cradio/cuda"
)

// recording is a CUDA graph.
type recording struct {
	gpu     *gpu
	destroy func() error
	launch  func() error
}

// Record implements cuda.Driver: the stream is captured into a CUDA graph.
func (g *gpu) Record(f func() error) (cuda.Recording, error) {
	r := &recording{gpu: g}
	err := g.do(func() error {
		if err := beginCapture(g.stream); err != nil {
			return err
		}
		failed := f()
		exec, err := endCapture(g.stream)
		if exec != nil {
			r.launch = func() error { return launchGraph(exec, g.stream) }
			r.destroy = func() error { return destroyGraph(exec) }
		}
		if failed != nil { // which is why the capture ends with an error too
			return failed
		}
		return err
	})
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	g.recordings[r] = true
	return r, nil
}

// Replay implements cuda.Driver.
func (g *gpu) Replay(of cuda.Recording) error {
	r, ok := of.(*recording)
	if !ok || r.launch == nil {
		return fmt.Errorf("a %T that is closed, or of another driver", of)
	}
	return g.do(r.launch)
}

// Close implements cuda.Recording.
func (r *recording) Close() error {
	if r.destroy == nil {
		return nil
	}
	destroy := r.destroy
	r.launch, r.destroy = nil, nil
	delete(r.gpu.recordings, r)
	return r.gpu.release(destroy)
}
