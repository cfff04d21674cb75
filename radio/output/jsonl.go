package output

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"cradio/loader"
	"cradio/radio"
	"cradio/radio/output/internal/line"
)

// lines is the Writer of .jsonl. Each result is written to a temporary file immediately.
// Commit copies the lines to the output, in the order of the images.
type lines struct {
	path     string
	about    About
	names    []string
	order    map[string][]int // from the key of a path to its indices in names
	file     *os.File
	identity string // of the model that computed the lines; "" before the first line
	keep     bool   // keep the temporary file for Resume if it holds new lines
	fresh    bool   // the temporary file holds lines that the output does not
	buffer   []byte
	versions map[string]string // see version
}

func newLines(path string, about About, names []string) (*lines, error) {
	s, err := newSpool(path)
	if err != nil {
		return nil, err
	}
	return begin(path, about, names, s.file), nil
}

func begin(path string, about About, names []string, f *os.File) *lines {
	l := &lines{path: path, about: about, names: names, order: map[string][]int{}, file: f}
	for i, name := range names {
		l.order[line.Key(name)] = append(l.order[line.Key(name)], i)
	}
	return l
}

// Add implements Writer. The line is in the file when Add returns.
func (l *lines) Add(r radio.Result) error {
	if r.Err != nil {
		return fmt.Errorf("output: result of %s has an error: %w", r.Name, r.Err)
	}
	if _, err := l.sameModel(); err != nil {
		return err
	}
	b, err := AppendJSON(l.buffer[:0], r, l.about)
	if err != nil {
		return err
	}
	l.buffer = append(b, '\n')
	l.fresh = true
	if _, err := l.file.Write(l.buffer); err != nil {
		return notWritten(l.path, err)
	}
	return nil
}

// Fail implements Writer. A failed image has no line, so that Resume computes it again.
func (l *lines) Fail(radio.Result) error { return nil }

// sameModel returns an error if the existing lines are of another model.
func (l *lines) sameModel() (string, error) {
	now, err := l.about.identity()
	if err != nil {
		return "", fmt.Errorf("%s: not written: %w", l.path, err)
	}
	if l.identity == "" {
		l.identity = now
	}
	if now != l.identity {
		return "", fmt.Errorf("%s: cannot be resumed: its lines were computed by another model than %s: "+
			"their identity is %s, the model's is %s (the weights, config.json, the preprocessor or an option of the architecture differ); "+
			"give the model of the lines, choose another name, or remove the file to start again",
			l.path, l.about.Model, short(l.identity), short(now))
	}
	return now, nil
}

// short shortens an identity for messages.
func short(identity string) string {
	if len(identity) > 16 {
		return identity[:16] + "…"
	}
	return identity
}

// Commit implements Writer.
func (l *lines) Commit(ctx context.Context) ([]Array, error) {
	identity, err := l.sameModel()
	if err != nil {
		return nil, err
	}
	places := make([]line.Place, len(l.names))
	written := 0
	var before []byte
	_, err = line.Scan(ctx, l.file, l.order, func(at line.Span, i int, h head, text []byte) error {
		if i < 0 {
			return nil
		}
		places[i].Span = at
		if before = h.Append(before[:0]); bytes.HasPrefix(text, before) {
			places[i].Head = int64(len(before))
			places[i].Version = l.version(h.Version)
		}
		written++
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: not written: %w", l.path, err)
	}
	if written == 0 {
		return nil, errors.New("output: no results to write")
	}
	err = loader.WriteFile(l.path, func(w io.Writer) error {
		for i, p := range places {
			if p.Size == 0 {
				continue
			}
			now := newHead(l.names[i], &l.about, identity)
			now.Version = p.Version
			if err := p.Copy(ctx, w, l.file, now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	l.fresh = false
	return nil, nil
}

// version returns v, sharing one string between all lines.
func (l *lines) version(v string) string {
	if known, ok := l.versions[v]; ok {
		return known
	}
	if l.versions == nil {
		l.versions = map[string]string{}
	}
	l.versions[v] = v
	return v
}

// Close implements Writer. It keeps the temporary file if Resume can use it.
func (l *lines) Close() error {
	err := l.file.Close()
	if !l.keep || !l.fresh {
		os.Remove(l.file.Name()) // a file without a name is already gone
	}
	return err
}
