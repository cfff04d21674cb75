package hub

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// lockMode lets others who share the cache wait for the lock, as Python's lock files do.
const lockMode = 0o664

// hold takes the lock of a blob, which Python's filelock respects, and gives what releases it. waiting is told once if
// another process has it. On file systems that know no locks it goes on without: the hash of a blob decides in any case.
func (c *Client) hold(ctx context.Context, path string, waiting func()) (release func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return nil, notWritten(path, err)
	}
	told := time.Time{}
	for {
		l := flock.New(path, flock.SetPermissions(lockMode))
		held, err := l.TryLock()
		switch {
		case err == nil && held && stillThere(l, path):
			return func() { _ = l.Close() }, nil
		case errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist) || isReadOnly(err) || isDiskFull(err):
			return nil, notWritten(path, err)
		case err != nil && !isBusy(err):
			c.log().Warn("no locks on this file system: going on without", "file", path, "because", err)
			return func() { _ = l.Close() }, nil
		}
		_ = l.Close()
		if !held && time.Since(told) > 30*time.Second {
			told = time.Now()
			waiting()
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

// stillThere says whether the file that was locked is the one at its path: another process may have removed it meanwhile.
func stillThere(l *flock.Flock, path string) bool {
	locked, err := l.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(locked, there)
}
