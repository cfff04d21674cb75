package checkpoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"cradio/loader"
	"cradio/loader/filekind"
	"cradio/loader/pickle"
	"cradio/radio/image"
)

// Checkpoint is a model on disk: its configuration, its tensors, and its preprocessing of
// images.
type Checkpoint struct {
	Config    *Config
	Tensors   *loader.Checkpoint
	Processor *image.Processor // nil without a preprocessor_config.json
}

// maxConfigBytes bounds config.json and preprocessor_config.json.
const maxConfigBytes = 16 << 20

// Open opens a checkpoint: a folder like those on the Hugging Face hub, or one file with
// its config.json in the same folder, or a file of the torch hub (.pth.tar), which contains
// its configuration. The caller closes Tensors.
func Open(path string) (*Checkpoint, error) {
	dir := path
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		dir = filepath.Dir(path)
	}
	config, configErr := ReadConfig(dir)
	missing := errors.Is(configErr, fs.ErrNotExist)
	t, err := loader.OpenPath(path)
	if err != nil {
		if configErr != nil && (!missing || errors.Is(err, fs.ErrNotExist)) {
			return nil, configErr // without weights too, the user learns what is wrong with the configuration
		}
		return nil, err
	}
	c := &Checkpoint{Config: config, Tensors: t}
	if args, key, ok := trainingArgs(t); ok {
		c.Config, err = torchHubConfig(t, args, key)
	} else {
		err = configErr
	}
	if err == nil {
		c.Processor, err = readProcessor(dir)
	}
	if err != nil {
		t.Close()
		return nil, err
	}
	return c, nil
}

// trainingArgs are the arguments of the training run in a file of the torch hub.
func trainingArgs(t *loader.Checkpoint) (args any, key string, ok bool) {
	file, key, ok := t.Torch()
	if !ok {
		return nil, "", false
	}
	root, ok := file.Root().(*pickle.Dict)
	if !ok {
		return nil, "", false
	}
	args, ok = root.Get("args")
	return args, key, ok
}

// torchHubConfig reads the configuration of a file of the torch hub.
func torchHubConfig(t *loader.Checkpoint, args any, key string) (*Config, error) {
	file := t.Files()[0].String()
	text, err := pickle.JSON(args)
	if err != nil {
		return nil, fmt.Errorf("%s: args: %w", file, err)
	}
	found := torchHub.prefixes(t.Names())
	if len(found) != 1 {
		return nil, fmt.Errorf("%s: has %d tensors %q, want one; it holds %s", file, len(found), torchHub.anchor, contents(t.Names()))
	}
	return parseTorchHub(file, text, t, found[0], key == "state_dict_ema")
}

// ReadConfig reads and parses dir/config.json.
func ReadConfig(dir string) (*Config, error) {
	path := filepath.Join(dir, "config.json")
	data, err := loader.ReadBounded(path, maxConfigBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("model %s: has no config.json: is this the folder of a downloaded checkpoint? %w", dir, err)
	}
	if err == nil {
		err = notJSON(path, data)
	}
	if err != nil {
		return nil, err
	}
	c, err := ParseConfig(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return c, nil
}

// notJSON says what a file is that should be JSON; nil where it may be.
func notJSON(path string, data []byte) error {
	what, do, known := filekind.Describe(data)
	if !known || filekind.Of(data) == filekind.JSON {
		return nil
	}
	return &loader.Error{File: path, Want: "JSON", Found: what, Do: do}
}

// readProcessor reads preprocessor_config.json, nil where there is none.
func readProcessor(dir string) (*image.Processor, error) {
	path := filepath.Join(dir, "preprocessor_config.json")
	data, err := loader.ReadBounded(path, maxConfigBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil {
		err = notJSON(path, data)
	}
	if err != nil {
		return nil, err
	}
	data = plainJSON(data)
	var fields map[string]json.RawMessage
	if err := unmarshal(data, &fields); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	p, err := image.ParseProcessor(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return p, nil
}
