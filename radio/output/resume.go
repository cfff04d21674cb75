package output

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"cradio/loader"
	"cradio/radio/output/internal/line"
)

// PartialExtension is added to the path of the output. That file holds the lines of an
// unfinished run.
const PartialExtension = ".partial"

// Resumed describes what earlier runs have computed.
type Resumed struct {
	Done    []bool // for each name: it has a line, and need not be added
	LeftOut int    // lines of images that are not among the names; Commit drops them
}

// Resume starts a .jsonl file, or resumes an unfinished one. Each line is written to
// path.partial immediately. Complete lines of an existing path.partial, and of an existing
// output, count as done. The earlier run need not have used Resume.
//
// Images are identified by path, after normalisation: "./a" is "a". Lines that were computed
// with other settings are an error. Lines of another model are an error of the first Add or of
// Commit; see About.Identity.
func Resume(path string, about About, names []string) (Writer, Resumed, error) {
	var r Resumed
	if extension(path) != ".jsonl" {
		return nil, r, fmt.Errorf("%s: only .jsonl files can be resumed; name the file ….jsonl, or do not resume", path)
	}
	if about.Identity == nil || about.Settings == "" {
		return nil, r, errors.New("output: Resume: About has no Identity or no Settings: set both, since they decide which lines are kept")
	}
	if err := about.DType.check(path); err != nil {
		return nil, r, err
	}
	if err := writable(path); err != nil {
		return nil, r, err
	}
	partial := path + PartialExtension
	seeded, err := seed(partial, path)
	if err != nil {
		return nil, r, err
	}
	f, err := os.OpenFile(partial, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return nil, r, notWritten(path, err)
	}
	l := begin(path, about, names, f)
	l.keep = true
	r.Done = make([]bool, len(names))
	from := partial
	if seeded {
		from = path
	}
	err = l.recover(from, &r)
	if err == nil && !seeded {
		err = l.merge(&r)
	}
	if err != nil {
		f.Close()
		if seeded {
			os.Remove(partial)
		}
		return nil, r, err
	}
	l.fresh = !seeded && slices.Contains(r.Done, true)
	return l, r, nil
}

// seed copies a finished output to partial, if there is no partial.
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

// recover reads the lines of an earlier run, and cuts off an incomplete last line. from is the
// file to name in errors.
func (l *lines) recover(from string, r *Resumed) error {
	end, err := line.Scan(context.Background(), l.file, l.order, func(at line.Span, i int, h head, _ []byte) error {
		if err := l.fits(at.Line, h); err != nil {
			return err
		}
		if i < 0 {
			r.LeftOut++
		} else {
			r.Done[i] = true
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("%s: cannot be resumed: %w", from, err)
	}
	return l.file.Truncate(end)
}

// merge adds the lines of a finished output that the partial file lacks. A run without Resume
// may have written them after the interrupted run.
func (l *lines) merge(r *Resumed) error {
	finished, err := os.Open(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer finished.Close()
	_, err = line.Scan(context.Background(), finished, l.order, func(at line.Span, i int, h head, text []byte) error {
		if err := l.fits(at.Line, h); err != nil || i < 0 || r.Done[i] {
			return err
		}
		if _, err := l.file.Write(text); err != nil {
			return notWritten(l.path, err)
		}
		r.Done[i] = true
		return nil
	})
	if err != nil {
		return fmt.Errorf("%s: cannot be resumed: %w", l.path, err)
	}
	return nil
}

// fits returns an error if the output cannot contain a line.
func (l *lines) fits(n int, h head) error {
	switch {
	case h.Identity == "" || h.Settings == "":
		return fmt.Errorf("line %d has no identity or no settings of its model: it was printed with --json, "+
			"or written by an earlier version; choose another name, or remove the file to start again", n)
	case h.Settings != line.Valid(l.about.Settings):
		return fmt.Errorf("line %d was computed with settings %q, but this run has %q; use the same settings, or remove the file",
			n, h.Settings, l.about.Settings)
	case l.identity != "" && h.Identity != l.identity:
		return fmt.Errorf("line %d was computed by another model than the lines before it: its identity is %s, not %s; "+
			"remove the lines of one model, or the file", n, short(h.Identity), short(l.identity))
	}
	l.identity = h.Identity
	return nil
}
