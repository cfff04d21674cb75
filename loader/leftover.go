package loader

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
)

// leftover is the name of a temporary file or folder of WriteFile and WriteFolder.
var leftover = regexp.MustCompile(`^\.cradio-[0-9a-f]{8}\.tmp$`)

// RemoveLeftovers removes from a folder the temporary files and folders of WriteFile and WriteFolder that
// processes have left that were killed. Nobody may be writing there: the caller has a lock.
func RemoveLeftovers(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range entries {
		if leftover.MatchString(e.Name()) {
			errs = append(errs, os.RemoveAll(filepath.Join(dir, e.Name())))
		}
	}
	return errors.Join(errs...)
}
