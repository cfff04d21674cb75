package radio

import (
	"fmt"
	"os"
	"runtime/debug"

	"cradio/graph"
	"cradio/loader"
)

// openFile is a mapped file that a model reads, as it was when it was opened. If another process
// truncates it, reading the lost part faults. If another process writes into it, the model's weights
// change. Both are errors that name the file.
type openFile struct {
	file *loader.MappedFile
	was  os.FileInfo
}

// ChangedError is the error of a file that was changed in place while a model was using it.
type ChangedError struct {
	Path string
	Was  int64 // bytes, when it was opened
	Now  int64
}

func (e *ChangedError) Error() string {
	found := "has been written to since it was opened"
	if e.Now != e.Was {
		found = fmt.Sprintf("was %d bytes when it was opened, is %d bytes now", e.Was, e.Now)
	}
	return fmt.Sprintf("%s: %s; leave it in place while it is used, or open the model again", e.Path, found)
}

// openFiles are the files of a checkpoint and of a pack, either of which may be missing.
func openFiles(src loader.Source, pack *loader.File) (list opened, err error) {
	var files []*loader.MappedFile
	switch src := src.(type) {
	case *loader.Checkpoint:
		files = src.Files()
	case *loader.File:
		files = append(files, src.MappedFile)
	}
	if pack != nil {
		files = append(files, pack.MappedFile)
	}
	for _, f := range files {
		if f.InMemory() {
			continue
		}
		was, err := os.Stat(f.String())
		if err == nil {
			err = f.Unchanged() // that is the one
		}
		if err != nil {
			return nil, err
		}
		list = append(list, &openFile{f, was})
	}
	return list, nil
}

// changed is the error of a file that has been written to. A file that was replaced by another one or
// removed from its folder has not changed: who has it open can still read it.
func (o *openFile) changed() error {
	now, err := os.Stat(o.file.String())
	if err != nil || !os.SameFile(o.was, now) || now.Size() == o.was.Size() && now.ModTime().Equal(o.was.ModTime()) {
		return nil
	}
	return &ChangedError{Path: o.file.String(), Was: o.was.Size(), Now: now.Size()}
}

// fault is the error of the file that an address lies in, or nil.
func (o *openFile) fault(addr uintptr) error {
	err := o.file.Fault(addr)
	if err != nil {
		if changed := o.changed(); changed != nil {
			return changed
		}
	}
	return err
}

// opened are the files of a model.
type opened []*openFile

// changed is the error of the first that has been written to.
func (l opened) changed() error {
	for _, o := range l {
		if err := o.changed(); err != nil {
			return err
		}
	}
	return nil
}

// fault is that of the file which holds an address, nil where none does.
func (l opened) fault(addr uintptr) error {
	for _, o := range l {
		if err := o.fault(addr); err != nil {
			return err
		}
	}
	return nil
}

// guard, deferred, makes an error of a fault in these files, and of any other where one
// has been written to; before is what debug.SetPanicOnFault(true) returned.
func (l opened) guard(err *error, before bool) {
	debug.SetPanicOnFault(before)
	if p := recover(); p != nil {
		addr, fault := graph.FaultAddress(p)
		if !fault {
			panic(p)
		}
		if *err = l.fault(addr); *err == nil {
			panic(p)
		}
		return
	}
	if *err != nil {
		if changed := l.changed(); changed != nil {
			*err = changed
		}
	}
}
