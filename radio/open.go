package radio

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cradio/loader"
	"cradio/radio/image"
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

// Open opens a model: a folder as it is on the Hugging Face hub, or
// "synthetic:B" (L, H, g, nano) for synthetic weights. The caller closes it.
func Open(ctx context.Context, path string, opt Options) (*Model, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if name, ok := strings.CutPrefix(path, SyntheticPrefix); ok {
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
	if err := isFolder(path); err != nil {
		return nil, err
	}
	c, err := ReadConfig(path)
	if err != nil {
		return nil, err
	}
	p, err := readProcessor(path)
	if err != nil {
		return nil, err
	}
	src, err := loader.OpenFolder(path)
	if err != nil {
		return nil, err
	}
	m, err := openWithPack(ctx, c, src, opt)
	if err != nil {
		return nil, err
	}
	if p != nil {
		m.processor = p
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
	pack, err := openPack(ctx, cmp.Or(opt.PackDir, src.String()), d, src, opt.log())
	if pack == nil {
		switch {
		case ctx.Err() != nil:
			src.Close()
			return nil, ctx.Err()
		case err != nil:
			opt.log().Warn("not using packed weights", "because", err)
		case opt.PackDir != "": // it was asked for
			opt.log().Warn("no packed weights there: reading the checkpoint; `cradio pack` makes them", "want", packPath(opt.PackDir, src.String(), d))
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

func isFolder(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("model %s: no such folder; give the folder of a checkpoint, with config.json and model.safetensors, or %s%s for synthetic weights",
			path, SyntheticPrefix, strings.Join(SyntheticNames(), "|"))
	case err != nil:
		return fmt.Errorf("model: %w", err)
	case !info.IsDir():
		return fmt.Errorf("model %s: is a file; give the folder that holds config.json and model.safetensors", path)
	}
	return nil
}

// readProcessor reads preprocessor_config.json, nil where there is none.
func readProcessor(dir string) (*image.Processor, error) {
	path := filepath.Join(dir, "preprocessor_config.json")
	data, err := readBounded(path, maxConfigBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	p, err := image.ParseProcessor(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return p, nil
}
