package output

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"cradio/loader"
	"cradio/radio"
)

// lines is the Writer of .jsonl. Each result becomes a line of a temporary file
// at once; Commit copies the lines to the output in the order of the pictures.
type lines struct {
	path   string
	about  About
	order  map[string][]int // a picture's path to its places among the names
	count  int              // of names
	file   *os.File
	keep   bool // the temporary file is kept for Resume if it holds what the output does not
	news   bool // it does
	buffer []byte
}

func newLines(path string, about About, names []string) (*lines, error) {
	s, err := newSpool(path)
	if err != nil {
		return nil, err
	}
	return begin(path, about, names, s.file), nil
}

func begin(path string, about About, names []string, f *os.File) *lines {
	l := &lines{path: path, about: about, order: map[string][]int{}, count: len(names), file: f}
	for i, name := range names {
		key := text(name)
		l.order[key] = append(l.order[key], i)
	}
	return l
}

// Add implements Writer. The line is in the file when Add returns.
func (l *lines) Add(r radio.Result) error {
	if r.Err != nil {
		return fmt.Errorf("output: result of %s has an error: %w", r.Name, r.Err)
	}
	b, err := AppendJSON(l.buffer[:0], r, l.about)
	if err != nil {
		return err
	}
	l.buffer = append(b, '\n')
	l.news = true
	if _, err := l.file.Write(l.buffer); err != nil {
		return notWritten(l.path, err)
	}
	return nil
}

// Commit implements Writer.
func (l *lines) Commit(ctx context.Context) ([]Array, error) {
	places := make([]span, l.count)
	written := 0
	_, err := l.scan(ctx, func(at span, i int, _ head) error {
		if i >= 0 {
			places[i] = at
			written++
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: not written: %w", l.path, err)
	}
	if written == 0 {
		return nil, errors.New("output: no results to write")
	}
	err = loader.WriteFile(l.path, func(w io.Writer) error {
		for _, at := range places {
			r := &cancellable{ctx, io.NewSectionReader(l.file, at.offset, at.size)}
			if _, err := io.Copy(w, r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	l.news = false
	return nil, nil
}

// Close implements Writer: it keeps what Resume can go on with.
func (l *lines) Close() error {
	err := l.file.Close()
	if !l.keep || !l.news {
		os.Remove(l.file.Name()) // a nameless one is already gone
	}
	return err
}

// span is where a line lies in the file.
type span struct {
	line         int // from 1
	offset, size int64
}

// head is what is read of a line.
type head struct {
	Path     *string `json:"path"`
	Model    string  `json:"model"`
	Settings string  `json:"settings"`
}

// text is a path as JSON gives it back: bytes that are not UTF-8 are U+FFFD.
func text(path string) string { return string([]rune(path)) }

// scan visits the complete lines in the file with the picture that each is of:
// its place among the names, -1 for one that is not there. A line more for a
// picture than the names have of it is passed over, so that nothing doubles.
// end is where the complete lines end.
func (l *lines) scan(ctx context.Context, visit func(at span, i int, h head) error) (end int64, err error) {
	seen := map[string]int{}
	in := bufio.NewReaderSize(&cancellable{ctx, io.NewSectionReader(l.file, 0, 1<<62)}, 1<<20)
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
		key := *h.Path
		places := l.order[key]
		i := -1
		if k := seen[key]; k < len(places) {
			i = places[k]
		} else if k > 0 {
			continue
		}
		seen[key]++
		if err := visit(at, i, h); err != nil {
			return end, err
		}
	}
}
