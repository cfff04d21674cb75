package checkpoint

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"cradio/loader"
	"cradio/radio/image"
)

// Checkpoint is a model as a stranger has it on disk: its configuration, its tensors,
// and how images are prepared for it.
type Checkpoint struct {
	Config    *Config
	Tensors   *loader.Checkpoint
	Processor *image.Processor // nil where no preprocessor_config.json says
}

// maxConfigBytes bounds config.json and preprocessor_config.json.
const maxConfigBytes = 16 << 20

// Open opens a folder as it is on the Hugging Face hub. The caller closes Tensors.
func Open(path string) (*Checkpoint, error) {
	c, err := ReadConfig(path)
	if err != nil {
		return nil, err
	}
	p, err := readProcessor(path)
	if err != nil {
		return nil, err
	}
	t, err := loader.OpenFolder(path)
	if err != nil {
		return nil, err
	}
	return &Checkpoint{Config: c, Tensors: t, Processor: p}, nil
}

// ReadConfig reads and parses dir/config.json.
func ReadConfig(dir string) (*Config, error) {
	data, err := readBounded(filepath.Join(dir, "config.json"), maxConfigBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("model %s: has no config.json: is it the folder of a checkpoint, as downloaded? %w", dir, err)
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
	p, err := image.ParseProcessor(plainJSON(data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return p, nil
}

// readBounded reads a file that must not be larger than most bytes.
func readBounded(path string, most int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > most {
		return nil, fmt.Errorf("%s: has %d bytes, want a file of at most %d", path, info.Size(), most)
	}
	return os.ReadFile(path)
}
