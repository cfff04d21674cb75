package export

import (
	"context"
	"encoding/hex"
	"fmt"
	"iter"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"cradio/radio"
	"cradio/radio/data"
	"cradio/radio/index"
)

// Point is a picture of an index.
type Point struct {
	Path   string
	SHA256 string // of the file, hexadecimal
	Bytes  int64  // of the file; 0 if that is not known
	Vector []float32
}

// Set is what is exported. Points gives each picture once, and stops at an error.
type Set struct {
	Name      string // of the index
	Model     string
	Synthetic bool
	Source    radio.Source
	Width     int // numbers of a vector
	Count     int
	Points    iter.Seq2[Point, error]
}

// Target is where an index goes.
type Target interface {
	// Write writes all points. Where it fails, what was there before stays, but for what is replaced in a
	// database.
	Write(ctx context.Context, s *Set) error
	String() string
}

// Targets says what Open takes, a line each.
const Targets = `X.jsonl                          a JSON object for each image: path, sha256, bytes, vector
X.sql                            a script for psql: a table with a column of pgvector
X/                               the folders of clip-retrieval: img_emb/*.npy, metadata/*.parquet
qdrant:http://HOST:6333/NAME     the collection NAME of a Qdrant server (key in QDRANT_API_KEY)`

// Open returns the target of a name; see Targets. A folder ends in a separator.
func Open(name string) (Target, error) {
	if rest, ok := strings.CutPrefix(name, "qdrant:"); ok {
		return newQdrant(rest)
	}
	switch ext := strings.ToLower(filepath.Ext(name)); {
	case ext == ".jsonl":
		return jsonl{name}, nil
	case ext == ".sql":
		return pgvector{name}, nil
	case strings.HasSuffix(name, "/"), strings.HasSuffix(name, string(filepath.Separator)):
		return clipRetrieval{filepath.Clean(name)}, nil
	}
	return nil, fmt.Errorf("%q is no target: want one of X.jsonl, X.sql, X/ (a folder for clip-retrieval) or qdrant:http://HOST:6333/NAME", name)
}

// Write writes the vectors of a source of an index to a target, and returns how many. progress is told
// how many of how many were given to it; it may be nil.
func Write(ctx context.Context, x *index.Index, source radio.Source, to Target, progress func(done, total int)) (n int, err error) {
	if len(x.Set.Items) == 0 {
		return 0, fmt.Errorf("%s has no images", x.Dir)
	}
	first, err := x.Vector(source, 0)
	if err != nil {
		return 0, err
	}
	s := &Set{
		Name: filepath.Base(x.Dir), Model: x.About.Model, Synthetic: x.About.Synthetic, Source: source, Width: len(first), Count: len(x.Set.Items),
		Points: func(yield func(Point, error) bool) {
			// A target may have the points made in a goroutine of its own.
			defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
			for i, item := range x.Set.Items {
				err := ctx.Err()
				var v []float32
				if err == nil {
					v, err = x.Vector(source, i)
				}
				if err == nil && progress != nil {
					progress(i+1, len(x.Set.Items))
				}
				if !yield(Point{item.Path, hex.EncodeToString(item.SHA256[:]), size(item), unit(v)}, err) || err != nil {
					return
				}
			}
		},
	}
	if err := x.Guard(func() error { return to.Write(ctx, s) }); err != nil {
		return 0, err
	}
	return s.Count, nil
}

// size is the size of a picture's file. Of a file that was new when it was indexed, the index does not
// know it.
func size(item data.Item) int64 {
	if item.Stamp.Size > 0 {
		return item.Stamp.Size
	}
	info, err := os.Stat(item.Path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// unit divides a vector by its length. A vector of zeros stays.
func unit(x []float32) []float32 {
	sum := 0.0
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	y := make([]float32, len(x))
	if sum > 0 {
		for i, v := range x {
			y[i] = float32(float64(v) / math.Sqrt(sum))
		}
	}
	return y
}
