package loader

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Identity identifies a file of weights without reading its data. It differs between two files, and before and after most
// changes. A change that keeps size, time and header is not detected; see MappedFile.Checksum.
type Identity struct {
	Name     string    `json:"name"` // without the folder
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified"`
	Header   string    `json:"header_sha256"` // of a PyTorch file: of its directory, which holds a checksum of each part, and its pickle
}

// Identity returns the identity of the open file.
func (m *MappedFile) Identity() (Identity, error) {
	m.open.RLock()
	defer m.open.RUnlock()
	if m.mapped == nil {
		return Identity{}, closedError(m.path, "")
	}
	h := sha256.New()
	if err := m.guarded(func() {
		for _, part := range m.known {
			h.Write(part)
		}
	}); err != nil {
		return Identity{}, err
	}
	return Identity{filepath.Base(m.path), int64(len(m.mapped)), m.modified.UTC(), hex.EncodeToString(h.Sum(nil))}, nil
}

// Unchanged returns an error if the file at the path no longer has the size and time that it had when it was opened.
func (m *MappedFile) Unchanged() error {
	m.open.RLock()
	defer m.open.RUnlock()
	if m.mapped == nil {
		return closedError(m.path, "")
	}
	if m.heap {
		return nil
	}
	now, err := os.Stat(m.path)
	if err != nil {
		return &Error{File: m.path, Want: "the file that was opened", Found: reason(err, m.path), Do: "do not move or remove it while it is in use", Err: err}
	}
	if now.Size() != int64(len(m.mapped)) || !now.ModTime().Equal(m.modified) {
		return &Error{File: m.path, Want: fmt.Sprintf("%d bytes, last changed %v, as when it was opened", len(m.mapped), m.modified.UTC()),
			Found: fmt.Sprintf("%d bytes, last changed %v", now.Size(), now.ModTime().UTC()), Do: "leave it as it is while it is used"}
	}
	return nil
}

// Checksum reads the whole file and returns its SHA-256 in hexadecimal digits. It stops when ctx is done.
func (m *MappedFile) Checksum(ctx context.Context) (string, error) { return m.checksum(ctx, 0) }

// DataChecksum returns the SHA-256 of the data after the header, that is, of the bytes of all tensors.
func (f *File) DataChecksum(ctx context.Context) (string, error) { return f.checksum(ctx, f.data) }

func (m *MappedFile) checksum(ctx context.Context, from int64) (string, error) {
	m.open.RLock()
	defer m.open.RUnlock()
	if m.mapped == nil {
		return "", closedError(m.path, "")
	}
	const step = 8 << 20
	h := sha256.New()
	for rest := m.mapped[from:]; len(rest) > 0; {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		piece := rest[:min(step, len(rest))]
		if err := m.guarded(func() { h.Write(piece) }); err != nil {
			return "", err
		}
		m.release(piece)
		rest = rest[len(piece):]
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// mappedFile returns m. File and Torch inherit it.
func (m *MappedFile) mappedFile() *MappedFile { return m }

// Files returns the files of a checkpoint, of any format, sorted by name.
func (c *Checkpoint) Files() []*MappedFile {
	var files []*MappedFile
	for _, source := range c.sources {
		if f, ok := source.(interface{ mappedFile() *MappedFile }); ok {
			files = append(files, f.mappedFile())
		}
	}
	return files
}
