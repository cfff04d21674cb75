package output

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// span is where a line lies in the file.
type span struct {
	line         int // from 1
	offset, size int64
}

// scan visits the complete lines in a file with the picture that each is of: its place
// among the names, -1 for one that is not there. A line more for a picture than the names
// have of it is passed over, so that nothing doubles. end is where the complete lines end.
func scan(ctx context.Context, from io.ReaderAt, order map[string][]int,
	visit func(at span, i int, h head, text []byte) error) (end int64, err error) {
	seen := map[string]int{}
	in := bufio.NewReaderSize(&cancellable{ctx, io.NewSectionReader(from, 0, 1<<62)}, 1<<16)
	for n := 1; ; n++ {
		text, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return end, nil // what is left is a line cut short
		}
		if err != nil {
			return end, err
		}
		at := span{line: n, offset: end, size: int64(len(text))}
		end += at.size
		var h head
		if err := json.Unmarshal(text, &h); err != nil {
			return end, fmt.Errorf("line %d is damaged (%w); remove that line, or the file", n, err)
		}
		if h.Path == nil || h.Model == "" {
			return end, fmt.Errorf("line %d has no path and model: it was not written here; choose another name, or remove the file", n)
		}
		name := key(h.name())
		places := order[name]
		i := -1
		if k := seen[name]; k < len(places) {
			i = places[k]
		} else if k > 0 {
			continue
		}
		seen[name]++
		if err := visit(at, i, h, text); err != nil {
			return end, err
		}
	}
}
