package features

import "errors"

// ErrStopped is the error of a write at which the process stops.
var ErrStopped = errors.New("stopped")

// StopAt makes the write (or cut of a file) number n of all stores stop: half of the bytes arrive, and
// nothing after them. It returns the number of writes so far, and a function that ends this.
func StopAt(n int, err error) (writes *int, restore func()) {
	before := openFile
	writes = new(int)
	openFile = func(path string) (file, error) {
		f, openErr := before(path)
		if openErr != nil {
			return nil, openErr
		}
		return &stopping{f, writes, n, err}, nil
	}
	return writes, func() { openFile = before }
}

// stopping is a file that stops.
type stopping struct {
	file
	writes *int
	at     int
	err    error
}

func (s *stopping) WriteAt(b []byte, at int64) (int, error) {
	*s.writes++
	switch {
	case *s.writes == s.at:
		n, _ := s.file.WriteAt(b[:len(b)/2], at)
		return n, s.err
	case *s.writes > s.at:
		return 0, s.err
	}
	return s.file.WriteAt(b, at)
}

func (s *stopping) Truncate(size int64) error {
	if *s.writes++; *s.writes >= s.at {
		return s.err
	}
	return s.file.Truncate(size)
}

// ParseSet and ParseIndex read the contents of files, for fuzzing.
func ParseSet(text []byte) (items int, err error) {
	_, d, err := parseSet("set.jsonl", text)
	if err != nil {
		return 0, err
	}
	return len(d.Items), nil
}

func ParseIndex(text []byte, r *Recipe, repair bool) (rows int, err error) {
	x, err := parseIndex("index", text, r, repair)
	if err != nil {
		return 0, err
	}
	return len(x.records) - len(x.bad), nil
}

// IndexHeader is the header of an index.
func IndexHeader(r *Recipe) []byte { return r.header() }

// IndexRecord is the record of row 0.
func IndexRecord(r *Recipe, picture [32]byte) []byte {
	return r.encode(record{key{picture, 1}, make([]uint32, len(r.Columns))}, 0)
}
