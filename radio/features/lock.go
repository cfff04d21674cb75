package features

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"cradio/loader"

	"github.com/gofrs/flock"
)

// ErrLocked is wrapped by the error of a store that another process writes to.
var ErrLocked = errors.New("another process writes to it")

const (
	lockName   = "lock"
	holderName = "lock.json" // who has the lock; a file of its own, since Windows lets nobody read a locked file
)

// holder is the process that has the lock, for people.
type holder struct {
	Process int       `json:"process"`
	Host    string    `json:"host"`
	Since   time.Time `json:"since"`
}

// Lock takes the lock of a folder that exists: of a store, for those who write beside its numbers, or of
// a run of training. The error wraps ErrLocked if another process has it.
func Lock(dir string) (release func() error, err error) { return lock(dir) }

// lock takes the lock of a store. The system releases it when the process ends, however it ends.
func lock(dir string) (release func() error, err error) {
	l := flock.New(filepath.Join(dir, lockName), flock.SetPermissions(0o666))
	held, err := l.TryLock()
	if err != nil {
		return nil, loader.WriteError(l.Path(), err)
	}
	if !held {
		_ = l.Close() // it was not locked
		found := "one"
		var h holder
		if text, err := loader.ReadBounded(filepath.Join(dir, holderName), 1<<12); err == nil && json.Unmarshal(text, &h) == nil {
			found = fmt.Sprintf("process %d on %q, since %s", h.Process, h.Host, h.Since.Format(time.DateTime))
		}
		return nil, &loader.Error{File: dir, Want: "no other process that writes to it", Found: found, Err: ErrLocked,
			Do: "wait until it has finished, or choose another folder; several processes may read it"}
	}
	host, _ := os.Hostname() // for people only
	text, err := json.Marshal(holder{os.Getpid(), host, time.Now()})
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, holderName), text, 0o666)
	}
	if err != nil {
		_ = l.Close()
		return nil, loader.WriteError(filepath.Join(dir, holderName), err)
	}
	return l.Close, nil
}
