package loader

import (
	"fmt"
	"io"
	"os"
)

// ReadBounded reads a whole file of at most most bytes. A longer one, and what is no file, is an *Error. Other errors are
// the system's own, for errors.Is.
func ReadBounded(path string, most int64) ([]byte, error) {
	stat, err := os.Stat(path) // before opening: opening a pipe would wait for its writer
	if err != nil {
		return nil, err
	}
	if !stat.Mode().IsRegular() {
		return nil, &Error{File: path, Want: "a file", Found: kindOf(stat.Mode()), Do: "check the path"}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(text)) > most {
		return nil, &Error{File: path, Want: fmt.Sprintf("a file of at most %d bytes", most), Found: "more", Do: fetchAgain}
	}
	return text, nil
}
