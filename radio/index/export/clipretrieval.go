package export

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"iter"
	"math"
	"os"
	"path/filepath"

	"cradio/loader"
	"cradio/loader/npy"

	"github.com/parquet-go/parquet-go"
)

// clipRetrieval writes folders as clip-retrieval's inference does, for clip-retrieval index, clip-retrieval
// back, autofaiss and embedding-reader: img_emb/img_emb_0.npy has vectors (n, width), and
// metadata/metadata_0.parquet a row for each, with image_path; then _1 and so on, all numbers with as
// many digits.
type clipRetrieval struct{ dir string }

func (t clipRetrieval) String() string { return t.dir + string(filepath.Separator) }

// partRows is how many pictures are in a file, as in clip-retrieval.
const partRows = 1_000_000

// metadata is a row of a Parquet file.
type metadata struct {
	ImagePath  string  `parquet:"image_path"`
	PathBase64 *string `parquet:"path_base64,optional"`
	SHA256     string  `parquet:"sha256"`
	Bytes      int64   `parquet:"bytes"`
}

func (t clipRetrieval) Write(_ context.Context, s *Set) error {
	return t.write(s, partRows)
}

func (t clipRetrieval) write(s *Set, rows int) error {
	vectors, about := filepath.Join(t.dir, "img_emb"), filepath.Join(t.dir, "metadata")
	for _, dir := range []string{vectors, about} {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return loader.WriteError(dir, err)
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			return loader.WriteError(dir, err)
		}
		if len(entries) > 0 {
			// A reader takes all files of a folder, in order.
			return &loader.Error{File: dir, Want: "an empty folder", Found: fmt.Sprintf("files such as %q", entries[0].Name()), Do: "remove them, or choose another folder"}
		}
	}
	parts := (s.Count + rows - 1) / rows
	digits := len(fmt.Sprint(parts))
	next, stop := iter.Pull2(s.Points)
	defer stop()
	for part := range parts {
		n := min(rows, s.Count-part*rows)
		list := make([]metadata, 0, n)
		read := &vectorReader{next: next, left: n, taken: func(p Point) {
			a := p.about()
			m := metadata{ImagePath: a.Path, SHA256: a.SHA256, Bytes: a.Bytes}
			if a.PathBase64 != "" {
				m.PathBase64 = &a.PathBase64
			}
			list = append(list, m)
		}}
		err := loader.WriteFiles(
			loader.FileToWrite{Path: filepath.Join(vectors, fmt.Sprintf("img_emb_%0*d.npy", digits, part)), Write: func(w io.Writer) error {
				return npy.WriteFrom(w, npy.Float32, []int{n, s.Width}, read)
			}},
			loader.FileToWrite{Path: filepath.Join(about, fmt.Sprintf("metadata_%0*d.parquet", digits, part)), Write: func(w io.Writer) error {
				// Pages of the first version, as pandas writes them: every reader knows them.
				out := parquet.NewGenericWriter[metadata](w, parquet.Compression(&parquet.Snappy), parquet.DataPageVersion(1))
				if _, err := out.Write(list); err != nil {
					return err
				}
				return out.Close()
			}},
		)
		if err != nil {
			return err
		}
	}
	return nil
}

// vectorReader reads the bytes of the vectors of some points.
type vectorReader struct {
	next  func() (Point, error, bool)
	left  int
	taken func(Point)
	now   bytes.Buffer
}

func (r *vectorReader) Read(b []byte) (int, error) {
	if r.now.Len() == 0 {
		if r.left == 0 {
			return 0, io.EOF
		}
		p, err, ok := r.next()
		if err != nil {
			return 0, err
		}
		if !ok {
			return 0, io.ErrUnexpectedEOF
		}
		r.left--
		r.taken(p)
		row := make([]byte, 0, 4*len(p.Vector))
		for _, v := range p.Vector {
			row = binary.LittleEndian.AppendUint32(row, math.Float32bits(v))
		}
		r.now.Write(row)
	}
	return r.now.Read(b)
}
