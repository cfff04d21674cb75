package features

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cradio/loader"
	"cradio/radio/internal/rowfile"
)

// Compacted is what Compact removes.
type Compacted struct {
	Rows    int   // that no picture of the set needs: of pictures that are gone or have changed, or of other views
	Kept    int   // rows
	Recipes int   // other models, sizes, precisions or sources
	Bytes   int64 // of all these
}

// Names of the folders of a recipe while its rows are written anew.
const (
	newSuffix = ".new" // not complete
	oldSuffix = ".old" // was replaced, or is about to be
)

// rename and removeAll are those of package os. Tests replace them, to stop at any.
var rename, removeAll = os.Rename, os.RemoveAll

// Compact removes what the store's set does not need, and makes the files smaller: rows of pictures that
// are gone, and all rows of other recipes. Only the rows are read that are moved; their checksums are
// compared. With plan nothing is removed.
//
// Whenever it ends, by an error, ctx or a kill, the store has all rows of its set. The next Create or
// Compact removes what was left behind. The error wraps ErrLocked if another process writes to the store.
func Compact(ctx context.Context, dir string, plan bool) (*Compacted, error) {
	if !IsStore(dir) {
		_, err := Open(dir) // says what is wrong
		return nil, err
	}
	release, err := lock(dir)
	if err != nil {
		return nil, err
	}
	c, err := compact(ctx, dir, plan)
	return c, errors.Join(err, release())
}

func compact(ctx context.Context, dir string, plan bool) (*Compacted, error) {
	s, err := Open(dir)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	name := s.Recipe.folder()
	if !plan {
		if err := settle(dir, name); err != nil {
			return nil, err
		}
	}
	c := &Compacted{}
	rows := s.needed()
	c.Kept, c.Rows = len(rows), len(s.rows.index.records)-len(rows)
	if c.Rows > 0 {
		before := bytesIn(filepath.Join(dir, name))
		c.Bytes = max(0, before-headerBytes-int64(c.Kept)*s.Recipe.RowBytes())
	}
	others, err := otherRecipes(dir, name)
	if err != nil {
		return nil, err
	}
	for _, other := range others {
		c.Recipes++
		c.Bytes += bytesIn(other)
	}
	if plan {
		return c, nil
	}
	if c.Rows > 0 {
		if err := s.rewrite(ctx, rows); err != nil {
			return nil, err
		}
	}
	for _, other := range others {
		if err := removeAll(other); err != nil {
			return nil, loader.WriteError(other, err)
		}
	}
	return c, nil
}

// needed are the rows of the set's pictures, in order.
func (s *Store) needed() []int {
	var rows []int
	for item := range s.Set.Items {
		for view := range s.Views.Count {
			rows = append(rows, s.Row(item, view))
		}
	}
	slices.Sort(rows)
	return slices.Compact(rows)
}

// otherRecipes are the folders of recipes but one.
func otherRecipes(dir, name string) (list []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		stem := strings.TrimSuffix(strings.TrimSuffix(e.Name(), newSuffix), oldSuffix)
		if sum, err := hex.DecodeString(stem); err == nil && len(sum) == 8 && e.IsDir() && stem != name {
			list = append(list, filepath.Join(dir, e.Name()))
		}
	}
	return list, nil
}

// bytesIn is the size of the files in a folder.
func bytesIn(dir string) (n int64) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			n += info.Size()
		}
	}
	return n
}

// rewrite writes some rows into a new folder, and puts it into the place of the old one.
func (s *Store) rewrite(ctx context.Context, rows []int) error {
	path := filepath.Join(s.Dir, s.Recipe.folder())
	fresh, old := path+newSuffix, path+oldSuffix
	if err := os.MkdirAll(fresh, 0o777); err != nil {
		return loader.WriteError(fresh, err)
	}
	if err := s.writeRows(ctx, fresh, rows); err != nil {
		return errors.Join(err, removeAll(fresh))
	}
	// The set says how many rows there are at least: that is true before and after.
	h := setHeader{
		Format: setFormat, Complete: true, Recipe: s.Recipe, Model: s.About.Model, Synthetic: s.About.Synthetic, Blocks: s.About.Blocks, Settings: s.About.Settings,
		Views: s.Views, Entries: len(rows), Path: s.Set.Path, Classes: s.Set.Classes, MultiLabel: s.Set.MultiLabel,
	}
	if err := writeSet(filepath.Join(s.Dir, setName), h, s.Set); err != nil {
		return err
	}
	// Between these two the old one is read: see folderOf.
	if err := rename(path, old); err != nil {
		return loader.WriteError(path, err)
	}
	if err := rename(fresh, path); err != nil {
		return errors.Join(loader.WriteError(path, err), rename(old, path))
	}
	if err := removeAll(old); err != nil {
		return loader.WriteError(old, err)
	}
	return nil
}

// writeRows copies rows, and writes their records.
func (s *Store) writeRows(ctx context.Context, to string, rows []int) error {
	columns := s.rows.all()
	var files []rowfile.File
	defer func() {
		for _, f := range files {
			f.Close() // synced below
		}
	}()
	names := []string{}
	for i := range columns {
		names = append(names, s.Recipe.file(i))
	}
	for _, name := range append(names, indexName) {
		f, err := rowfile.Open(filepath.Join(to, name))
		if err == nil {
			err = f.Truncate(0)
		}
		if err != nil {
			return loader.WriteError(filepath.Join(to, name), err)
		}
		files = append(files, f)
	}
	index := files[len(columns)]
	write := func(f rowfile.File, b []byte, at int64) error {
		if _, err := f.WriteAt(b, at); err != nil {
			return loader.WriteError(to, err)
		}
		return nil
	}
	if err := write(index, s.Recipe.header(), 0); err != nil {
		return err
	}
	for at, row := range rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.rows.check(row, columns); err != nil {
			return err
		}
		for i := range columns {
			n := s.Recipe.bytes(i)
			var copied []byte
			if err := s.rows.files[i].Read(func(all []byte) { copied = slices.Clone(all[int64(row)*n:][:n]) }); err != nil {
				return err
			}
			if err := write(files[i], copied, int64(at)*n); err != nil {
				return err
			}
		}
		if err := write(index, s.Recipe.encode(s.rows.index.records[row], at), headerBytes+int64(at)*int64(s.Recipe.recordBytes())); err != nil {
			return err
		}
	}
	for _, f := range files {
		if err := f.Sync(); err != nil {
			return loader.WriteError(to, err)
		}
	}
	return nil
}

// folderOf is the folder of a recipe's rows in a store. Where a Compact was killed between two renames,
// it is the old one.
func folderOf(dir string, r *Recipe) string {
	path := filepath.Join(dir, r.folder())
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(path + oldSuffix); err == nil {
			return path + oldSuffix
		}
	}
	return path
}

// settle ends a Compact of a recipe that was killed. The store must be locked.
func settle(dir, name string) error {
	path := filepath.Join(dir, name)
	if err := removeAll(path + newSuffix); err != nil {
		return loader.WriteError(path+newSuffix, err)
	}
	_, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = rename(path+oldSuffix, path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // there are no rows
		}
	case err == nil:
		err = removeAll(path + oldSuffix)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
