package loader

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// Bounds on an archive. No real archive has more than two files for each tensor, or such a large directory.
const (
	maxEntries   = 2 * maxTensors
	maxDirectory = 32 << 20
)

const notStored = "write it again with torch.save, or unzip it and zip it again without compression: `zip -0 -r`"

// readZip reads the archive of PyTorch 1.6 and later: uncompressed files in one folder. data.pkl is the pickle, data/0 and
// so on are the storages that it names, and byteorder is the byte order of their numbers.
func (t *Torch) readZip() error {
	directory := &boundedReader{from: bytes.NewReader(t.mapped), left: maxDirectory}
	archive, err := zip.NewReader(directory, int64(len(t.mapped)))
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // names are not used as paths
		return &Error{Item: "zip archive", Want: "its directory, at its end", Found: err.Error(), Do: fetchAgain, Err: err}
	}
	if len(archive.File) > maxEntries {
		return &Error{Item: "zip archive", Want: fmt.Sprintf("at most %d files", maxEntries), Found: fmt.Sprint(len(archive.File))}
	}
	directory.left = math.MaxInt
	prefix, err := archiveFolder(archive)
	if err != nil {
		return err
	}
	s := &storages{stored: map[string][]byte{}, all: map[string]*storage{}}
	end := 0 // end of the files in the directory
	for _, f := range archive.File {
		name, ours := strings.CutPrefix(f.Name, prefix)
		if !ours || strings.HasSuffix(name, "/") {
			continue
		}
		if _, twice := s.stored[name]; twice {
			return &Error{Item: "zip archive", Want: "every file once", Found: quote(f.Name) + " twice"}
		}
		data, to, err := t.entry(f)
		if err != nil {
			return err
		}
		s.stored[name] = data
		end = max(end, to)
	}
	order := s.stored["byteorder"]
	switch string(order[:min(len(order), 8)]) {
	case "big":
		t.swap = true
	case "little", "":
	default:
		return &Error{Item: "byteorder", Want: "little or big", Found: quote(string(order[:min(len(order), 8)]))}
	}
	t.root, _, err = t.load(s.stored["data.pkl"], "data.pkl", s)
	t.known = [][]byte{s.stored["data.pkl"], t.mapped[end:]}
	return err
}

// boundedReader bounds the bytes that are read. Package zip would read, and allocate for, a directory of any length.
type boundedReader struct {
	from io.ReaderAt
	left int
}

func (r *boundedReader) ReadAt(b []byte, at int64) (int, error) {
	if r.left -= len(b); r.left < 0 {
		return 0, errors.New("the directory is too long")
	}
	return r.from.ReadAt(b, at)
}

// archiveFolder returns the folder in the archive that contains data.pkl, with a slash at the end.
func archiveFolder(archive *zip.Reader) (string, error) {
	var names []string
	for _, f := range archive.File {
		if prefix, ok := strings.CutSuffix(f.Name, "data.pkl"); ok && strings.Count(prefix, "/") == 1 && strings.HasSuffix(prefix, "/") {
			if slices.ContainsFunc(archive.File, func(f *zip.File) bool { return f.Name == prefix+"constants.pkl" }) {
				return "", &Error{Want: "a PyTorch checkpoint (torch.save)", Found: "a TorchScript program (torch.jit.save)",
					Do: "load it in Python with torch.jit.load, and save its weights: torch.save(model.state_dict(), file)"}
			}
			return prefix, nil
		}
		names = append(names, f.Name)
	}
	return "", &Error{Want: "a PyTorch checkpoint, with data.pkl in it", Found: "a zip archive of " + list(names),
		Do: "if it contains the checkpoint, unzip it first: `unzip FILE`"}
}

// entry returns the bytes of an uncompressed file, and their end in the archive.
func (t *Torch) entry(f *zip.File) ([]byte, int, error) {
	item := "zip archive, " + quote(f.Name)
	switch {
	case f.Flags&1 != 0:
		return nil, 0, &Error{Item: item, Want: "a file that is not encrypted", Found: "an encrypted file", Do: notStored}
	case f.Method != zip.Store || f.CompressedSize64 != f.UncompressedSize64:
		return nil, 0, &Error{Item: item, Want: "an uncompressed file", Found: "a compressed file, which cannot be mapped", Do: notStored}
	}
	start, err := f.DataOffset()
	if err != nil {
		return nil, 0, &Error{Item: item, Want: "the file at the place that the directory gives", Found: err.Error(), Err: err}
	}
	if size := f.UncompressedSize64; start < 0 || start > int64(len(t.mapped)) || size > uint64(int64(len(t.mapped))-start) {
		return nil, 0, &Error{Item: item, Want: fmt.Sprintf("%d bytes from byte %d on", size, start), Found: fmt.Sprintf("a file of %d bytes", len(t.mapped))}
	}
	end := start + int64(f.UncompressedSize64)
	return t.mapped[start:end:end], int(end), nil
}
