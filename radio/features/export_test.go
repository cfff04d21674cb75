package features

import (
	"encoding/json"

	"cradio/radio"
	"cradio/radio/data"
	"cradio/radio/internal/rowfile/rowfiletest"
)

// ErrStopped and StopAt are those of rowfiletest.
var (
	ErrStopped = rowfiletest.ErrStopped
	StopAt     = rowfiletest.StopAt
)

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

// ParseLine reads a line of a set by both of its parsers. plain is false where only one of them does.
func ParseLine(line []byte) (fast, strict data.Item, plain bool, err error) {
	fast, plain = plainItem(line)
	header, _ := json.Marshal(setHeader{Format: setFormat, Recipe: Recipe{DType: Float32, Columns: []Column{{radio.SummarySource, []int{1}}}}, Views: Views{Count: 1, Scale: DefaultScale}})
	was := plainLines
	plainLines = false
	defer func() { plainLines = was }()
	_, d, err := parseSet("set.jsonl", append(append(header, '\n'), line...))
	if err == nil && len(d.Items) == 1 {
		strict = d.Items[0]
	}
	return fast, strict, plain, err
}

// StopRenames makes rename or removal number n of a store, and all after it, fail. It returns their number
// so far, and a function that ends this.
func StopRenames(n int) (count *int, restore func()) {
	beforeRename, beforeRemove := rename, removeAll
	count = new(int)
	rename = func(from, to string) error {
		if *count++; *count >= n {
			return ErrStopped
		}
		return beforeRename(from, to)
	}
	removeAll = func(path string) error {
		if *count++; *count >= n {
			return ErrStopped
		}
		return beforeRemove(path)
	}
	return count, func() { rename, removeAll = beforeRename, beforeRemove }
}
