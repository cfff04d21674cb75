package conformance

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"cradio/loader"
)

// Suffixes of the file of a bundle. A file that gzip has compressed is read into memory.
const (
	suffix           = ".safetensors"
	compressedSuffix = suffix + ".gz"
)

// maxExpanded is the limit of what a compressed bundle may expand to, in bytes. The largest bundle
// of the project has 3.2 MB.
const maxExpanded = 1 << 30

// isBundle reports whether a file has the name of a bundle. A compressed bundle beside the plain one
// is a copy.
func isBundle(path string) bool {
	if !strings.HasSuffix(path, compressedSuffix) {
		return strings.HasSuffix(path, suffix)
	}
	_, err := os.Stat(strings.TrimSuffix(path, ".gz"))
	return errors.Is(err, fs.ErrNotExist)
}

// bundleName returns the name of a bundle, which is the path of its file without the suffix.
func bundleName(path string) string {
	return strings.TrimSuffix(strings.TrimSuffix(path, ".gz"), suffix)
}

// openTensors opens the file of a bundle.
func openTensors(path string) (*loader.File, error) {
	if !strings.HasSuffix(path, compressedSuffix) {
		return loader.OpenFile(path)
	}
	r, err := openContents(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	contents, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return loader.ParseFile(path, contents)
}

// openContents opens a file for reading what it contains, expanded if it is compressed.
func openContents(path string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil || !strings.HasSuffix(path, compressedSuffix) {
		return f, err
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: is not compressed by gzip: %w", path, err)
	}
	return &expanded{file: f, from: z, left: maxExpanded}, nil
}

// expanded reads at most left bytes of a compressed file.
type expanded struct {
	file *os.File
	from io.Reader
	left int64
}

func (e *expanded) Read(p []byte) (int, error) {
	n, err := e.from.Read(p)
	if e.left -= int64(n); e.left < 0 {
		return 0, fmt.Errorf("expands to more than %d bytes", int64(maxExpanded))
	}
	return n, err
}

func (e *expanded) Close() error { return e.file.Close() }
