package loader

import (
	"fmt"
	"os"
	"sync"
	"time"
	"unsafe"

	"cradio/loader/filekind"
)

// MappedFile is a file of weights of any format, mapped into memory. File and Torch embed it.
type MappedFile struct {
	path     string
	modified time.Time
	kind     filekind.Kind // what the contents seem to be
	heap     bool          // not a mapping: the caller's memory
	known    [][]byte      // the parts of the mapping that describe the tensors: Identity hashes them

	open   sync.RWMutex // held for reading while the mapping is being read, for writing to close it
	mapped []byte       // the whole file; nil once closed
}

// inMemory is a file whose contents are in memory already. path names it in messages.
func inMemory(path string, contents []byte) *MappedFile {
	return &MappedFile{path: path, kind: filekind.Of(contents), mapped: contents, heap: true}
}

// mapPath maps a regular file. want names, for messages, what the reader expects. An empty file is not mapped.
func mapPath(path, want string) (*MappedFile, error) {
	// Before opening: opening a pipe would wait for its writer.
	stat, err := os.Stat(path)
	if err != nil {
		return nil, &Error{File: path, Want: want, Found: reason(err, path), Do: "check the path", Err: err}
	}
	if !stat.Mode().IsRegular() {
		return nil, &Error{File: path, Want: want, Found: kindOf(stat.Mode()), Do: "check the path"}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, &Error{File: path, Want: "a readable file", Found: reason(err, path), Do: "check its permissions", Err: err}
	}
	defer f.Close()
	if stat, err = f.Stat(); err != nil {
		return nil, &Error{File: path, Want: "a readable file", Found: reason(err, path), Do: "check the disk", Err: err}
	}
	m := &MappedFile{path: path, modified: stat.ModTime()}
	if stat.Size() == 0 {
		m.kind = filekind.Empty
		return m, nil
	}
	if int64(int(stat.Size())) != stat.Size() {
		return nil, &Error{File: path, Want: "a file that fits in the address space", Found: fmt.Sprintf("%d bytes", stat.Size()),
			Do: "use a 64-bit build"}
	}
	if m.mapped, err = mapFile(f, int(stat.Size())); err != nil {
		return nil, &Error{File: path, Want: "a file that can be mapped into memory", Found: reason(err, path), Do: "check free memory and the file system", Err: err}
	}
	if err := m.guarded(func() { m.kind = filekind.Of(m.mapped) }); err != nil {
		m.kind = filekind.Unknown // the reader reports the error
	}
	return m, nil
}

// Map maps a file of any format. A File or a Torch is opened with a function of its own.
func Map(path string) (*MappedFile, error) { return mapPath(path, "a file") }

// Contents returns the whole file: a view of the mapping, which must not be written to and is valid until Close. A read
// may fault if another process shortens the file; see Fault, and Read.
func (m *MappedFile) Contents() []byte {
	m.open.RLock()
	defer m.open.RUnlock()
	return m.mapped
}

// Read calls body with the contents. A read in it that faults becomes an error that names the file.
func (m *MappedFile) Read(body func(contents []byte)) error {
	m.open.RLock()
	defer m.open.RUnlock()
	if m.mapped == nil && m.kind != filekind.Empty {
		return closedError(m.path, "")
	}
	return m.guarded(func() { body(m.mapped) })
}

func kindOf(mode os.FileMode) string {
	if mode.IsDir() {
		return "a folder"
	}
	return "something other than a file (" + mode.Type().String() + ")"
}

// String is the file's path.
func (m *MappedFile) String() string { return m.path }

// InMemory says that the contents are in the caller's memory: there is no file that could change.
func (m *MappedFile) InMemory() bool { return m.heap }

// AllNeeded tells the system that the whole file will be read soon and often, so that it may use large pages.
func (m *MappedFile) AllNeeded() {
	m.open.RLock()
	defer m.open.RUnlock()
	if m.mapped != nil && !m.heap {
		largePages(m.mapped)
	}
}

// ReleaseAll frees the memory of the whole mapping until it is read again.
func (m *MappedFile) ReleaseAll() {
	m.open.RLock()
	defer m.open.RUnlock()
	m.release(m.mapped)
}

// Close unmaps the file. Slices that Float32 and Bytes returned must not be used afterwards. Closing twice does nothing.
func (m *MappedFile) Close() error {
	m.open.Lock()
	defer m.open.Unlock()
	mapped := m.mapped
	m.mapped, m.known = nil, nil
	if mapped == nil || m.heap {
		return nil
	}
	return unmapFile(mapped)
}

// release frees the memory of a part of the mapping until it is read again.
func (m *MappedFile) release(part []byte) {
	if !m.heap {
		releasePages(part)
	}
}

func closedError(path, item string) error {
	return &Error{File: path, Item: item, Want: "an open file", Found: "a closed one",
		Do: "close it after the last tensor is read", Err: os.ErrClosed}
}

// wholePages returns the pages that are completely within b. Those at its ends may hold a neighbour's data too.
func wholePages(b []byte) []byte {
	page := os.Getpagesize()
	skip := -int(uintptr(unsafe.Pointer(unsafe.SliceData(b)))) & (page - 1)
	if skip >= len(b) {
		return nil
	}
	return b[skip : skip+(len(b)-skip)/page*page]
}
