package loader

import (
	"errors"
	"slices"
)

// Checkpoint holds the tensors of a file, or of all the files in a folder. It is a Source.
type Checkpoint struct {
	path    string // what was opened
	dir     string // the folder of the files
	sources []Source
	names   []string
	holder  map[string]Source // the source of each tensor
}

// newCheckpoint joins sources. No two of them have a tensor of the same name.
func newCheckpoint(path, dir string, sources []Source) *Checkpoint {
	c := &Checkpoint{path: path, dir: dir, sources: sources, holder: map[string]Source{}}
	for _, source := range sources {
		for _, name := range source.Names() {
			c.holder[name] = source
			c.names = append(c.names, name)
		}
	}
	slices.Sort(c.names)
	return c
}

// Names lists the tensors in alphabetical order.
func (c *Checkpoint) Names() []string { return slices.Clone(c.names) }

// Lookup describes a tensor without reading it.
func (c *Checkpoint) Lookup(name string) (Info, bool) {
	if source, ok := c.holder[name]; ok {
		return source.Lookup(name)
	}
	return Info{}, false
}

// Float32 implements Source.
func (c *Checkpoint) Float32(name string, shape ...int) ([]float32, error) {
	if source, ok := c.holder[name]; ok {
		return source.Float32(name, shape...)
	}
	return nil, missing(c.path, name)
}

// Float32Into implements Source.
func (c *Checkpoint) Float32Into(dst []float32, name string, shape ...int) ([]float32, error) {
	if source, ok := c.holder[name]; ok {
		return source.Float32Into(dst, name, shape...)
	}
	return nil, missing(c.path, name)
}

// Check implements Source.
func (c *Checkpoint) Check(name string, shape ...int) error {
	if source, ok := c.holder[name]; ok {
		return source.Check(name, shape...)
	}
	return missing(c.path, name)
}

// Release implements Source.
func (c *Checkpoint) Release(name string) {
	if source, ok := c.holder[name]; ok {
		source.Release(name)
	}
}

// Int64 implements Source.
func (c *Checkpoint) Int64(name string, shape ...int) ([]int64, error) {
	if source, ok := c.holder[name]; ok {
		return source.Int64(name, shape...)
	}
	return nil, missing(c.path, name)
}

// Close closes every file. Slices that Float32 returned must not be used afterwards.
func (c *Checkpoint) Close() error { return closeAll(c.sources) }

// String returns the path of the file or folder that was opened.
func (c *Checkpoint) String() string { return c.path }

// Dir returns the folder that contains the files.
func (c *Checkpoint) Dir() string { return c.dir }

// Torch returns the PyTorch file, and the key in it that holds the tensors. ok is false for a checkpoint of safetensors,
// or of several files.
func (c *Checkpoint) Torch() (t *Torch, key string, ok bool) {
	if len(c.sources) != 1 {
		return nil, "", false
	}
	d, ok := c.sources[0].(*TorchDict)
	if !ok {
		return nil, "", false
	}
	return d.t, d.at, true
}

func closeAll(sources []Source) error {
	var errs []error
	for _, source := range sources {
		errs = append(errs, source.Close())
	}
	return errors.Join(errs...)
}
