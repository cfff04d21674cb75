package radio

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"cradio/loader"
	"cradio/radio/checkpoint"
)

// configs are the full-size C-RADIOv2 configurations and a nano one, for
// synthetic models.
//
//go:embed configs/*.json
var configs embed.FS

// SyntheticPrefix starts the name of a model with synthetic weights.
const SyntheticPrefix = "synthetic:"

// SyntheticNames lists the models that can follow SyntheticPrefix.
func SyntheticNames() []string {
	entries, err := fs.ReadDir(configs, "configs")
	if err != nil {
		panic(err) // embedded in the program
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".json"))
	}
	return names
}

// SyntheticConfig is the config.json of a synthetic model, "B".
func SyntheticConfig(name string) ([]byte, error) {
	data, err := configs.ReadFile("configs/" + name + ".json")
	if err != nil || !slices.Contains(SyntheticNames(), name) {
		return nil, fmt.Errorf("no synthetic model %q; there are %s", name, strings.Join(SyntheticNames(), ", "))
	}
	return data, nil
}

// opener opens the models of one scheme: what stands before the colon of a name.
type opener func(ctx context.Context, name string, opt Options) (*Model, error)

// schemes are the openers; a name without one of these is a path.
var schemes = map[string]opener{
	strings.TrimSuffix(SyntheticPrefix, ":"): openSynthetic,
}

// Open opens a model: a folder as it is on the Hugging Face hub, or
// "synthetic:B" (L, H, g, nano) for synthetic weights. The caller closes it.
func Open(ctx context.Context, name string, opt Options) (*Model, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	scheme, rest, _ := strings.Cut(name, ":")
	if open := schemes[scheme]; open != nil {
		return open(ctx, rest, opt)
	}
	if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("model %s: no such file or folder; give the folder of a checkpoint, with config.json and model.safetensors, a .pth.tar file of the torch hub, or %s%s for synthetic weights",
			name, SyntheticPrefix, strings.Join(SyntheticNames(), "|"))
	}
	return openPath(ctx, name, opt)
}

// openSynthetic makes a model with synthetic weights.
func openSynthetic(_ context.Context, name string, opt Options) (*Model, error) {
	data, err := SyntheticConfig(name)
	if err != nil {
		return nil, err
	}
	c, err := ParseConfig(data)
	if err != nil {
		return nil, err
	}
	if opt.PackDir != "" {
		opt.log().Warn("synthetic weights are made anew each time: packed weights are not read", "folder", opt.PackDir)
	}
	return New(c, loader.NewSynthetic(opt.Seed), opt)
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

// openWithPack is New with packed weights, where there are some that are right. Others
// are left alone, with a warning.
func openWithPack(ctx context.Context, c *Config, src *loader.Checkpoint, opt Options) (*Model, error) {
	d := cmp.Or(opt.DType, Float32)
	if opt.NoPack || d == Float64 {
		return New(c, src, opt)
	}
	pack, err := openPack(ctx, cmp.Or(opt.PackDir, src.Dir()), d, src, opt.log())
	if pack == nil {
		switch {
		case ctx.Err() != nil:
			src.Close()
			return nil, ctx.Err()
		case err != nil:
			opt.log().Warn("not using packed weights", "because", err)
		case opt.PackDir != "": // it was asked for
			opt.log().Warn("no packed weights there: reading the checkpoint; `cradio pack` makes them", "want", packPath(opt.PackDir, d))
		}
		return New(c, src, opt)
	}
	m, err := newModel(c, src, pack, opt)
	if err == nil {
		m.log.Debug("using packed weights", "file", pack.Path, "bytes", pack.Bytes)
		return m, nil
	}
	pack.file.Close()
	if wrong := (*packError)(nil); errors.As(err, &wrong) {
		opt.log().Warn("not using packed weights", "because", err)
		return New(c, src, opt)
	}
	src.Close()
	return nil, err
}
