package text

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"

	"cradio/graph"
	"cradio/layers"
	"cradio/loader"
	"cradio/radio/packs"
	"cradio/radio/text/token"

	_ "cradio/cpu/machine" // the default device

	"gorgonia.org/tensor"
)

// Names of the files in a tower's folder, open_clip's first.
var (
	configNames = []string{"open_clip_config.json", "config.json"}
	weightNames = []string{"open_clip_model.safetensors", "model.safetensors", "model.safetensors.index.json",
		"open_clip_pytorch_model.bin", "pytorch_model.bin", "pytorch_model.bin.index.json"}
)

// configMost is the largest configuration that is read.
const configMost = 1 << 20

// Open opens the text tower in a folder, as its repository on Hugging Face has it: a
// configuration of open_clip or of transformers, the weights of the model that it is a part
// of, and for SigLIP the vocabulary. Packed weights are used if the folder has them: see WritePack.
// Errors name the file, what was wanted and what was found.
func Open(ctx context.Context, dir string, opt Options) (*Tower, error) {
	c, path, err := readConfig(dir)
	if err != nil {
		return nil, err
	}
	src, err := openWeights(dir, filepath.Base(path) == configNames[0])
	if err != nil {
		return nil, err
	}
	t := &Tower{source: src}
	if err := t.open(ctx, c, opt, dir); err != nil {
		src.Close()
		return nil, err
	}
	return t, nil
}

// readConfig reads the first configuration of a folder.
func readConfig(dir string) (c *Config, path string, err error) {
	for _, name := range configNames {
		path = filepath.Join(dir, name)
		data, err := readBounded(path, configMost)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, path, err
		}
		if c, err = ParseConfig(data); err != nil {
			return nil, path, fmt.Errorf("%s: %w", path, err)
		}
		return c, path, nil
	}
	return nil, "", fmt.Errorf("%s: no text tower: want a folder with %s or %s, as the teacher's repository has it", dir, configNames[0], configNames[1])
}

// ParseConfig reads a configuration: open_clip_config.json, or transformers' config.json. Absent
// fields have the defaults of the library.
func ParseConfig(data []byte) (*Config, error) {
	if isOpenCLIP(data) {
		return parseOpenCLIP(data)
	}
	return parseTransformers(data)
}

// ReadConfig reads the configuration in the folder of a tower.
func ReadConfig(dir string) (*Config, error) {
	c, _, err := readConfig(dir)
	return c, err
}

func readBounded(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(data)) > most {
		err = fmt.Errorf("%s: more than %d bytes: this is no configuration", path, most)
	}
	return data, err
}

// openWeights opens the weights of a folder: those of the library whose configuration it has,
// if it has both.
func openWeights(dir string, openCLIP bool) (*loader.Checkpoint, error) {
	names := weightNames
	if !openCLIP {
		names = names[1:]
	}
	for _, name := range names {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); err == nil {
			return loader.OpenPath(path)
		}
	}
	return loader.OpenFolder(dir) // whose error lists what is there
}

// open finds the weights and the vocabulary of a tower, and opens its device. The caller closes the
// source if it fails.
func (t *Tower) open(ctx context.Context, c *Config, opt Options, dir string) (err error) {
	defer t.guard(&err, debug.SetPanicOnFault(true))
	if !opt.IDsAlone {
		if t.tokens, err = openTokens(c, opt, dir); err != nil {
			return err
		}
	}
	device, err := opt.device()
	if err != nil {
		return err
	}
	if t.pack, err = opt.openPack(ctx, device, t.source.(*loader.Checkpoint)); err != nil {
		device.Close()
		return err
	}
	err = t.load(c, device)
	if wrong := (*packs.Error)(nil); errors.As(err, &wrong) {
		opt.log().Warn("not using packed weights", "because", err)
		t.pack.Close()
		t.pack = nil
		device.Close()
		if device, err = opt.device(); err != nil {
			return err
		}
		err = t.load(c, device)
	}
	if err != nil {
		device.Close()
	} else {
		err = t.start(device, opt)
	}
	if err != nil && t.pack != nil {
		t.pack.Close()
	}
	return err
}

// load finds the weights of a configuration in the source, or packed.
func (t *Tower) load(c *Config, device graph.Device) error {
	l, err := newLayout(t.source, c)
	if err != nil {
		return err
	}
	t.rows = l.tokens(c)
	var from layers.Source = l
	if t.pack != nil {
		from = &packedSource{layout: l, pack: t.pack}
	}
	w := layers.NewWeights(from, tensor.Float32)
	t.net = newNetwork(w, c, l.scaled())
	if errs := w.Errs(); len(errs) > 0 {
		return errors.Join(errs...)
	}
	if err := l.refuse(l.unused(w.Names())); err != nil {
		return err
	}
	t.weights = w.All()
	if t.pack != nil {
		return restore(t.pack, t.weights, device.(graph.PackedDevice))
	}
	return nil
}

// openTokens opens the tokenizer of a tower, and requires that its ids suit it.
func openTokens(c *Config, opt Options, dir string) (*token.Tokenizer, error) {
	path := opt.Tokenizer
	if path == "" {
		path = dir
	}
	t, err := token.Open(path, opt.kind(c))
	if err != nil {
		return nil, err
	}
	if n := t.Vocabulary(); n > c.Vocabulary || n != c.Vocabulary && t.Kind() == token.KindCLIP {
		return nil, fmt.Errorf("%s: the vocabulary has %d tokens, the tower %d: it belongs to another tower", path, n, c.Vocabulary)
	}
	return t.WithLength(c.Context)
}

// device opens the device of a tower.
func (o *Options) device() (graph.Device, error) {
	options, err := o.deviceOptions()
	if err != nil {
		return nil, err
	}
	return graph.Open(o.Device, options)
}

// start makes a tower with its weights ready to run on a device, which it closes if it fails.
func (t *Tower) start(device graph.Device, opt Options) (err error) {
	t.device, t.precision, t.batch = device, precisionOf(opt.DType), opt.Batch
	if t.batch <= 0 {
		t.batch = batchDefault
	}
	if t.scale, t.bias, err = t.net.logits(); err != nil {
		device.Close()
	}
	return err
}

// logits reads the scale and the bias of logits.
func (n *network) logits() (scale, bias float64, err error) {
	read := func(w *graph.Weight) float64 {
		if w == nil || err != nil {
			return 0
		}
		var d *tensor.Dense
		if d, err = w.Value(); err != nil {
			return 0
		}
		return float64(d.Float32s()[0])
	}
	return read(n.Scale), read(n.Bias), err
}
