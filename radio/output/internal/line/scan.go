package line

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Span is the position of a line in the file.
type Span struct {
	Line         int // from 1
	Offset, Size int64
}

// Scan visits the complete lines of a file, with the index i of each line's image in names. i is
// -1 if names do not contain the image. If an image has more lines than entries in names,
// Scan skips the additional lines. end is the end of the complete lines.
func Scan(ctx context.Context, from io.ReaderAt, order map[string][]int,
	visit func(at Span, i int, h Head, text []byte) error) (end int64, err error) {
	seen := map[string]int{}
	in := bufio.NewReaderSize(Reader(ctx, io.NewSectionReader(from, 0, 1<<62)), 1<<16)
	for n := 1; ; n++ {
		text, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return end, nil // an incomplete line may follow
		}
		if err != nil {
			return end, err
		}
		at := Span{Line: n, Offset: end, Size: int64(len(text))}
		end += at.Size
		var h Head
		if err := json.Unmarshal(text, &h); err != nil {
			return end, fmt.Errorf("line %d is damaged (%w); remove that line, or the file", n, err)
		}
		if h.Path == nil || h.Model == "" {
			return end, fmt.Errorf("line %d has no path or no model: cradio did not write it; choose another name, or remove the file", n)
		}
		name := Key(h.Name())
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
