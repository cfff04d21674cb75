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
)

// lines is the Writer of .jsonl. Each result becomes a line of a temporary file
// at once; Commit copies the lines to the output in the order of the pictures.
type lines struct {
	path     string
	about    About
	names    []string
	order    map[string][]int // the key of a picture's path to its places among the names
	file     *os.File
	identity string // of the model that computed the lines, "" before the first
	keep     bool   // the temporary file is kept for Resume if it holds what the output does not
	news     bool   // it does
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
		l.order[key(name)] = append(l.order[key(name)], i)
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
	l.news = true
	if _, err := l.file.Write(l.buffer); err != nil {
		return notWritten(l.path, err)
	}
	return nil
}

// Fail implements Writer: only what has features has a line, so that Resume tries the others again.
func (l *lines) Fail(radio.Result) error { return nil }

// sameModel refuses a model that is not the one of the lines that are there.
func (l *lines) sameModel() (string, error) {
	now, err := l.about.identity()
	if err != nil {
		return "", fmt.Errorf("%s: not written: %w", l.path, err)
	}
	if l.identity == "" {
		l.identity = now
	}
	if now != l.identity {
		return "", fmt.Errorf("%s: cannot be resumed: its lines were computed by another model than %s is now: "+
			"identity %s, found %s (the weights, config.json, the preprocessor or an option of the architecture differ); "+
			"give the model that they are of, or choose another name, or remove the file to begin anew",
			l.path, l.about.Model, short(l.identity), short(now))
	}
	return now, nil
}

// short is enough of an identity to tell it from others.
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
	places := make([]place, len(l.names))
	written := 0
	var before []byte
	_, err = scan(ctx, l.file, l.order, func(at span, i int, h head, text []byte) error {
		if i < 0 {
			return nil
		}
		places[i].span = at
		if before = h.append(before[:0]); bytes.HasPrefix(text, before) {
			places[i].head = int64(len(before))
			places[i].version = l.version(h.Version)
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
			if p.size == 0 {
				continue
			}
			now := newHead(l.names[i], &l.about, identity)
			now.Version = p.version
			if err := p.copy(ctx, w, l.file, now); err != nil {
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

// version is v, in memory once for all lines.
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

// place is a line for a picture.
type place struct {
	span
	head    int64  // bytes of its head; 0 if it was reformatted
	version string // of the program that computed it
}

// copy writes the line, with the head that this run gives it: path and model may have been
// spelled otherwise before.
func (p *place) copy(ctx context.Context, w io.Writer, from io.ReaderAt, now head) error {
	if p.head > 0 {
		if _, err := w.Write(now.append(nil)); err != nil {
			return err
		}
	}
	_, err := io.Copy(w, &cancellable{ctx, io.NewSectionReader(from, p.offset+p.head, p.size-p.head)})
	return err
}

// Close implements Writer: it keeps what Resume can go on with.
func (l *lines) Close() error {
	err := l.file.Close()
	if !l.keep || !l.news {
		os.Remove(l.file.Name()) // a nameless one is already gone
	}
	return err
}
