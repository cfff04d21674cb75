package radio

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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
const SyntheticPrefix = checkpoint.SyntheticMark

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

// Synthetic says whether the model that Open opens by a name has synthetic weights, whose features
// carry no meaning: by its name, or because `cradio synth` wrote the folder. It reads no weights. Of a
// model that is not on this machine it is false. See also Model.Synthetic.
func Synthetic(name string) bool {
	if strings.HasPrefix(name, SyntheticPrefix) {
		return true
	}
	dir := name
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		dir = filepath.Dir(dir)
	}
	c, err := checkpoint.ReadConfig(dir)
	return err == nil && c.Synthetic
}

// Synthetic says whether the weights are synthetic, made here or by `cradio synth`: the features carry
// no meaning.
func (m *Model) Synthetic() bool { return m.config.Synthetic }

// openSynthetic makes a model with synthetic weights.
func openSynthetic(_ context.Context, name string, opt Options) (*Model, error) {
	name = strings.TrimPrefix(name, SyntheticPrefix)
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
	m, err := New(c, loader.NewSynthetic(opt.Seed), opt)
	if err == nil {
		m.about = data
	}
	return m, err
}
