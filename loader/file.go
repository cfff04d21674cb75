package loader

import (
	"cmp"
	"maps"
	"slices"
)

// File is one safetensors file, mapped into memory. It is a Source.
type File struct {
	*MappedFile
	*header
}

// OpenFile maps the safetensors file at path and checks its header. Each tensor is read when it is asked for.
func OpenFile(path string) (*File, error) {
	m, err := mapPath(path, "a safetensors file")
	if err != nil {
		return nil, err
	}
	return openFile(m)
}

// ParseFile reads a safetensors file that is in memory already, for example one that is embedded in a program. path names
// it in messages. The contents must not change while the File is in use.
func ParseFile(path string, contents []byte) (*File, error) {
	return openFile(inMemory(path, contents))
}

// openFile reads the header of a mapped file. It owns the file, and closes it if there is an error.
func openFile(m *MappedFile) (f *File, err error) {
	var h *header
	fault := m.guarded(func() { h, err = parseHeader(m.path, m.mapped) })
	if err = cmp.Or(fault, err); err != nil {
		m.Close()
		return nil, err
	}
	m.known = [][]byte{m.mapped[:h.data]}
	return &File{m, h}, nil
}

// Names lists the tensors in alphabetical order.
func (f *File) Names() []string { return slices.Clone(f.names) }

// Metadata returns a copy of the header's metadata.
func (f *File) Metadata() map[string]string { return maps.Clone(f.metadata) }

// Lookup describes a tensor without reading it.
func (f *File) Lookup(name string) (Info, bool) {
	e, ok := f.entries[name]
	e.Shape = slices.Clone(e.Shape)
	return e.Info, ok
}

// Bytes returns a tensor's bytes in the file: read-only, little-endian, valid until Close.
func (f *File) Bytes(name string) ([]byte, error) {
	f.open.RLock()
	defer f.open.RUnlock()
	return f.bytes(name)
}

// bytes is Bytes for callers that hold the lock.
func (f *File) bytes(name string) ([]byte, error) {
	e, ok := f.entries[name]
	switch {
	case !ok:
		return nil, missing(f.path, name)
	case f.mapped == nil:
		return nil, closedError(f.path, tensorItem(name))
	}
	data := f.mapped[f.data:]
	return data[e.begin:e.end:e.end], nil
}

func missing(source, name string) error {
	return &Error{File: source, Item: tensorItem(name), Found: ErrMissing.Error(),
		Do: "check that the checkpoint belongs to this model and is complete", Err: ErrMissing}
}
