package loader

import (
	"errors"
	"slices"
)

// Checkpoint is a folder's tensors, from however many files. It is a Source.
type Checkpoint struct {
	dir   string
	parts []Source
	names []string
	part  map[string]Source // the part that holds a tensor
}

// newCheckpoint joins parts that have no tensor in common.
func newCheckpoint(dir string, parts []Source) *Checkpoint {
	c := &Checkpoint{dir: dir, parts: parts, part: map[string]Source{}}
	for _, part := range parts {
		for _, name := range part.Names() {
			c.part[name] = part
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
	if part, ok := c.part[name]; ok {
		return part.Lookup(name)
	}
	return Info{}, false
}

// Float32 implements Source.
func (c *Checkpoint) Float32(name string, shape ...int) ([]float32, error) {
	if part, ok := c.part[name]; ok {
		return part.Float32(name, shape...)
	}
	return nil, missing(c.dir, name)
}

// Float32Into implements Source.
func (c *Checkpoint) Float32Into(dst []float32, name string, shape ...int) ([]float32, error) {
	if part, ok := c.part[name]; ok {
		return part.Float32Into(dst, name, shape...)
	}
	return nil, missing(c.dir, name)
}

// Check implements Source.
func (c *Checkpoint) Check(name string, shape ...int) error {
	if part, ok := c.part[name]; ok {
		return part.Check(name, shape...)
	}
	return missing(c.dir, name)
}

// Release implements Source.
func (c *Checkpoint) Release(name string) {
	if part, ok := c.part[name]; ok {
		part.Release(name)
	}
}

// Int64 implements Source.
func (c *Checkpoint) Int64(name string, shape ...int) ([]int64, error) {
	if part, ok := c.part[name]; ok {
		return part.Int64(name, shape...)
	}
	return nil, missing(c.dir, name)
}

// Close closes every file. What Float32 handed out must not be touched afterwards.
func (c *Checkpoint) Close() error { return closeAll(c.parts) }

// String is the folder.
func (c *Checkpoint) String() string { return c.dir }

func closeAll(parts []Source) error {
	var errs []error
	for _, part := range parts {
		errs = append(errs, part.Close())
	}
	return errors.Join(errs...)
}
