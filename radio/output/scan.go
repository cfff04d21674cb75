package output

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// span is the position of a line in the file.
type span struct {
	line         int // from 1
	offset, size int64
}

// scan visits the complete lines of a file, with the index i of each line's image in names. i is
// -1 if names do not contain the image. If an image has more lines than entries in names,
// scan skips the additional lines. end is the end of the complete lines.
func scan(ctx context.Context, from io.ReaderAt, order map[string][]int,
	visit func(at span, i int, h head, text []byte) error) (end int64, err error) {
	seen := map[string]int{}
	in := bufio.NewReaderSize(&cancellable{ctx, io.NewSectionReader(from, 0, 1<<62)}, 1<<16)
	for n := 1; ; n++ {
		text, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return end, nil // an incomplete line may follow
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
			return end, fmt.Errorf("line %d has no path or no model: cradio did not write it; choose another name, or remove the file", n)
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
