package loader

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"
	"time"
	"unsafe"
)

// File is one safetensors file, mapped into memory. It is a Source.
type File struct {
	path     string
	modified time.Time
	*header

	open   sync.RWMutex // held for reading while the mapping is being read, for writing to close it
	mapped []byte       // the whole file; nil once closed
}

// OpenFile maps the safetensors file at path and checks its header. Tensors are read when they are asked for.
func OpenFile(path string) (*File, error) {
	mapped, modified, err := openMapping(path)
	if err != nil {
		return nil, err
	}
	h, err := parseHeader(path, mapped)
	if err != nil {
		unmapFile(mapped)
		return nil, err
	}
	return &File{path: path, modified: modified, header: h, mapped: mapped}, nil
}

// openMapping maps a regular file. An empty file, which cannot be mapped, is nil.
func openMapping(path string) (mapped []byte, modified time.Time, err error) {
	// Asked before opening: opening a pipe would wait for its writer.
	stat, err := os.Stat(path)
	if err != nil {
		return nil, modified, &Error{File: path, Want: "a safetensors file", Found: reason(err, path), Do: "check the path", Err: err}
	}
	if !stat.Mode().IsRegular() {
		return nil, modified, &Error{File: path, Want: "a safetensors file", Found: kindOf(stat.Mode()), Do: "check the path"}
	}
	if stat.Size() == 0 {
		return nil, modified, nil
	}
	if int64(int(stat.Size())) != stat.Size() {
		return nil, modified, &Error{File: path, Want: "a file that fits in the address space", Found: fmt.Sprintf("%d bytes", stat.Size()),
			Do: "use a 64-bit build"}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, modified, &Error{File: path, Want: "to read it", Found: reason(err, path), Do: "check its permissions", Err: err}
	}
	defer f.Close()
	if stat, err = f.Stat(); err != nil {
		return nil, modified, &Error{File: path, Want: "to read it", Found: reason(err, path), Do: "check the disk", Err: err}
	}
	modified = stat.ModTime()
	mapped, err = mapFile(f, int(stat.Size()))
	if err != nil {
		return nil, modified, &Error{File: path, Want: "to map it into memory", Found: reason(err, path), Do: "check free memory and the file system", Err: err}
	}
	return mapped, modified, nil
}

func kindOf(mode os.FileMode) string {
	if mode.IsDir() {
		return "a folder"
	}
	return "something other than a file (" + mode.Type().String() + ")"
}

// Names lists the tensors in alphabetical order.
func (f *File) Names() []string { return slices.Clone(f.names) }

// Metadata is a copy of the header's free-form notes.
func (f *File) Metadata() map[string]string { return maps.Clone(f.metadata) }

// Lookup describes a tensor without reading it.
func (f *File) Lookup(name string) (Info, bool) {
	e, ok := f.entries[name]
	e.Shape = slices.Clone(e.Shape)
	return e.Info, ok
}

// String is the file's path.
func (f *File) String() string { return f.path }

// Bytes is a tensor as it lies in the file: read-only, little-endian, valid until Close.
func (f *File) Bytes(name string) ([]byte, error) {
	f.open.RLock()
	defer f.open.RUnlock()
	return f.bytes(name)
}

// AllNeeded says that the whole file will be read, soon and again and again: it may then be kept in large pages.
func (f *File) AllNeeded() {
	f.open.RLock()
	defer f.open.RUnlock()
	if f.mapped != nil {
		largePages(f.mapped)
	}
}

// Close unmaps the file. What Float32 and Bytes handed out must not be touched afterwards. Closing twice does nothing.
func (f *File) Close() error {
	f.open.Lock()
	defer f.open.Unlock()
	mapped := f.mapped
	f.mapped = nil
	if mapped == nil {
		return nil
	}
	return unmapFile(mapped)
}

// bytes is Bytes for those who hold the lock.
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

func closedError(path, item string) error {
	return &Error{File: path, Item: item, Want: "an open file", Found: "a closed one",
		Do: "close it after the last tensor is read", Err: os.ErrClosed}
}

func missing(source, name string) error {
	return &Error{File: source, Item: tensorItem(name), Found: ErrMissing.Error(),
		Do: "check that the checkpoint belongs to this model and is complete", Err: ErrMissing}
}

// wholePages is the pages that lie within b: those at its ends may hold a neighbour's data too.
func wholePages(b []byte) []byte {
	page := os.Getpagesize()
	skip := -int(uintptr(unsafe.Pointer(unsafe.SliceData(b)))) & (page - 1)
	if skip >= len(b) {
		return nil
	}
	return b[skip : skip+(len(b)-skip)/page*page]
}
