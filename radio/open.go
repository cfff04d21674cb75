package radio

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"cradio/loader"
	"cradio/loader/hub"
	"cradio/radio/checkpoint"
	"cradio/radio/packs"
)

// opener opens the models of one scheme: what stands before the colon of a name.
type opener func(ctx context.Context, name string, opt Options) (*Model, error)

// schemes are the openers of names that begin with a scheme. Others are paths, or else
// models of the Hugging Face hub.
var schemes = map[string]opener{
	strings.TrimSuffix(SyntheticPrefix, ":"): openSynthetic,
	"hf":                                     openHub,
	"https":                                  openHub,
	"http":                                   openHub,
}

// OnHub says whether Open takes a name for that of a model on the Hugging Face hub: it is an
// address, or has the form ORG/NAME and is no path on this machine.
func OnHub(name string) bool {
	if scheme, _, _ := strings.Cut(name, ":"); schemes[scheme] != nil {
		return !strings.HasPrefix(name, SyntheticPrefix)
	}
	if _, ok := hub.Parse(name); !ok {
		return false
	}
	_, err := os.Stat(name)
	return errors.Is(err, fs.ErrNotExist)
}

// Open opens a model: a folder as it is on the Hugging Face hub; one file, safetensors with
// its config.json beside it or a .pth.tar of the torch hub; the name of a repository of the
// hub, "nvidia/C-RADIOv2-B", "nvidia/C-RADIOv2-B@main" or "nvidia/RADIO/radio_v2.pth.tar",
// which is downloaded into Python's cache where it is not there yet; or "synthetic:B" (L,
// H, g, nano) for synthetic weights. What is on disk comes before what is on the hub. The
// caller closes it.
func Open(ctx context.Context, name string, opt Options) (*Model, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	open, err := openerOf(name)
	if err != nil {
		return nil, err
	}
	return open(ctx, name, opt)
}

// openerOf finds who opens a name.
func openerOf(name string) (opener, error) {
	scheme, _, _ := strings.Cut(name, ":")
	if open := schemes[scheme]; open != nil {
		return open, nil
	}
	if OnHub(name) {
		return openHub, nil
	}
	if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
		return openPath, nil // which says what else may be wrong
	}
	return nil, fmt.Errorf("model %s: no such file or folder; give the folder of a checkpoint, with config.json and model.safetensors, a .pth.tar file of the torch hub, a name on the Hugging Face hub such as nvidia/C-RADIOv2-B, or %s%s for synthetic weights",
		name, SyntheticPrefix, strings.Join(SyntheticNames(), "|"))
}

// openHub opens a model of the Hugging Face hub, from the cache that Python shares.
func openHub(ctx context.Context, name string, opt Options) (*Model, error) {
	client := opt.Hub
	if client == nil {
		var err error
		if client, err = hub.FromEnvironment(os.Getenv); err != nil {
			return nil, err
		}
	}
	path, err := client.Resolve(ctx, name)
	if err != nil {
		return nil, err
	}
	return openPath(ctx, path, opt)
}

// openPath opens a checkpoint on disk.
func openPath(ctx context.Context, path string, opt Options) (*Model, error) {
	c, err := checkpoint.Open(path)
	if err != nil {
		return nil, err
	}
	m, err := openWithPack(ctx, c.Config, c.Tensors, opt)
	if err != nil {
		return nil, err
	}
	if c.Processor != nil {
		m.processor = c.Processor
	}
	return m, nil
}

// openWithPack is New with packed weights, if there are some for this checkpoint. Packed weights that
// cannot be used are left alone, with a warning.
func openWithPack(ctx context.Context, c *Config, src *loader.Checkpoint, opt Options) (*Model, error) {
	d := cmp.Or(opt.DType, Float32)
	if opt.NoPack || d == Float64 {
		return New(c, src, opt)
	}
	device, err := opt.device()
	if err != nil {
		src.Close()
		return nil, err
	}
	saves := packedDevice(device)
	if saves == nil {
		if opt.PackDir != "" { // it was asked for
			opt.log().Warn("packed weights are not read", "because", "device "+device.Name()+" saves none")
		}
		return newOn(device, c, src, opt)
	}
	use := packUse(saves, d)
	pack, err := openPack(ctx, cmp.Or(opt.PackDir, src.Dir()), use, src, opt.log())
	if pack == nil {
		switch {
		case ctx.Err() != nil:
			device.Close()
			src.Close()
			return nil, ctx.Err()
		case err != nil:
			opt.log().Warn("not using packed weights", "because", err)
		case opt.PackDir != "": // it was asked for
			opt.log().Warn("no packed weights there: reading the checkpoint; `cradio pack` makes them", "want", packs.Path(opt.PackDir, src, use))
		}
		return newOn(device, c, src, opt)
	}
	m, err := newModel(c, src, pack, device, opt)
	if err == nil {
		m.log.Debug("using packed weights", "file", pack.Path, "bytes", pack.Bytes)
		for _, f := range src.Files() {
			f.ReleaseAll() // the pack takes its place
		}
		return m, nil
	}
	pack.file.Close()
	device.Close()
	if wrong := (*packs.Error)(nil); errors.As(err, &wrong) {
		opt.log().Warn("not using packed weights", "because", err)
		return New(c, src, opt)
	}
	src.Close()
	return nil, err
}
