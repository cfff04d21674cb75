package output

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
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
	keep   bool // the temporary file is kept for Resume
	done   bool // the output is written
	buffer []byte
}

// PartialExtension is added to a path for what an interrupted run leaves to Resume.
const PartialExtension = ".partial"

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

// Resume begins a .jsonl file, or goes on with one. Its lines are kept in
// path.partial as they come; where that is left from a run that was
// interrupted, or where the output itself is there already, their complete
// lines count as done. done says which of the names need not be added again.
//
// Lines of pictures that are not among the names, and lines that were computed
// by another model or with other settings, are an error.
func Resume(path string, about About, names []string) (w Writer, done []bool, err error) {
	if extension(path) != ".jsonl" {
		return nil, nil, fmt.Errorf("%s: only .jsonl files can be resumed; name the file ….jsonl, or do not resume", path)
	}
	if err := writable(path); err != nil {
		return nil, nil, err
	}
	partial := path + PartialExtension
	from := partial
	seeded, err := seed(partial, path)
	if err != nil {
		return nil, nil, err
	}
	if seeded {
		from = path
	}
	f, err := os.OpenFile(partial, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return nil, nil, notWritten(path, err)
	}
	l := begin(path, about, names, f)
	l.keep = true
	if done, err = l.recover(); err != nil {
		f.Close()
		if seeded {
			os.Remove(partial)
		}
		return nil, nil, fmt.Errorf("%s: cannot be resumed: %w", from, err)
	}
	return l, done, nil
}

// seed makes partial a copy of a finished output, where only that is there.
func seed(partial, path string) (seeded bool, err error) {
	if _, err := os.Lstat(partial); !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	finished, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer finished.Close()
	return true, loader.WriteFile(partial, func(w io.Writer) error {
		_, err := io.Copy(w, finished)
		return err
	})
}

// recover reads what an earlier run has done, and cuts off a line that it did not
// complete.
func (l *lines) recover() (done []bool, err error) {
	done = make([]bool, l.count)
	end, err := l.scan(context.Background(), func(at span, i int, h head) error {
		switch {
		case h.Model != l.about.Model || h.Settings != l.about.Settings:
			return fmt.Errorf("line %d was computed with model %q and settings %q, this run has %q and %q; give the same, or remove the file",
				at.line, h.Model, h.Settings, l.about.Model, l.about.Settings)
		case i < 0:
			return fmt.Errorf("line %d is of a picture that this run was not given, %s; give it too, or remove the file", at.line, *h.Path)
		}
		done[i] = true
		return nil
	})
	if err == nil {
		err = l.file.Truncate(end)
	}
	return done, err
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
	l.done = true
	return nil, nil
}

// Close implements Writer: it keeps what Resume can go on with.
func (l *lines) Close() error {
	info, err := l.file.Stat()
	unfinished := err == nil && info.Size() > 0 && !l.done
	err = l.file.Close()
	if !l.keep || !unfinished {
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
