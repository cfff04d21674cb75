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
)

// PartialExtension is added to a path for what an interrupted run leaves to Resume.
const PartialExtension = ".partial"

// Resumed says what earlier runs have done.
type Resumed struct {
	Done    []bool // which of the names need not be added again
	LeftOut int    // lines of pictures that are not among the names: Commit drops them
}

// Resume begins a .jsonl file, or goes on with one. Its lines are kept in
// path.partial as they come; where that is left from a run that was
// interrupted, or where the output itself is there already, whether that run
// resumed or not, their complete lines count as done.
//
// A picture is known by its path, however it is spelled. Lines that were computed
// with other settings are an error, and so are, when the first line is added or at
// Commit, those of another model than About.Identity tells of.
func Resume(path string, about About, names []string) (Writer, Resumed, error) {
	var r Resumed
	if extension(path) != ".jsonl" {
		return nil, r, fmt.Errorf("%s: only .jsonl files can be resumed; name the file ….jsonl, or do not resume", path)
	}
	if about.Identity == nil || about.Settings == "" {
		return nil, r, errors.New("output: Resume: About has no Identity or no Settings, which tell whether lines may stay")
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
	l.news = !seeded && slices.Contains(r.Done, true)
	return l, r, nil
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
// complete. from is the file that the user knows.
func (l *lines) recover(from string, r *Resumed) error {
	end, err := scan(context.Background(), l.file, l.order, func(at span, i int, h head, _ []byte) error {
		if err := l.fits(at.line, h); err != nil {
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

// merge adds the lines of a finished output that the partial file lacks, as when a run
// that did not resume has come between.
func (l *lines) merge(r *Resumed) error {
	finished, err := os.Open(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer finished.Close()
	_, err = scan(context.Background(), finished, l.order, func(at span, i int, h head, text []byte) error {
		if err := l.fits(at.line, h); err != nil || i < 0 || r.Done[i] {
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

// fits says why a line cannot stand in the output.
func (l *lines) fits(line int, h head) error {
	switch {
	case h.Identity == "" || h.Settings == "":
		return fmt.Errorf("line %d does not say by which model, and with which settings, it was computed: it was printed with --json, "+
			"or written by an earlier version; choose another name, or remove the file to begin anew", line)
	case h.Settings != valid(l.about.Settings):
		return fmt.Errorf("line %d was computed with settings %q, this run has %q; give the same, or remove the file",
			line, h.Settings, l.about.Settings)
	case l.identity != "" && h.Identity != l.identity:
		return fmt.Errorf("line %d was computed by another model than the lines before it: identity %s, not %s; "+
			"remove the lines of the one that you do not want, or the file", line, short(h.Identity), short(l.identity))
	}
	l.identity = h.Identity
	return nil
}
