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

// lockMode lets other users who share the cache wait for the lock, as with Python's lock files.
const lockMode = 0o664

// hold takes the lock of a blob, which Python's filelock respects, and returns the function that releases it. waiting is
// called once if another process has the lock. On a file system without locks it continues without one: the hash of the
// blob is checked in any case.
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
			c.log().Warn("no locks on this file system: continuing without a lock", "file", path, "because", err)
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

// stillThere reports whether the locked file is still at its path: another process may have removed it.
func stillThere(l *flock.Flock, path string) bool {
	locked, err := l.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(locked, there)
}
