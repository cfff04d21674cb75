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
	l.news = !seeded && slices.Contains(done, true)
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
