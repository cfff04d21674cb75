package features

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"cradio/loader"
	"cradio/radio"
	"cradio/radio/augment"
	"cradio/radio/data"
)

// Store is a store that is open for reading. Several goroutines and processes may read one. Rows are
// views of mapped files: they must not be written to, and they are valid until Close.
type Store struct {
	Dir    string
	Recipe Recipe
	About  About
	Views  Views
	// Set has the pictures of the last run of cradio features, which all have rows, with their labels,
	// targets and checksums. Skipped lists those that have none.
	Set *data.Dataset

	rows *rows
	row  map[key]int
}

// Open opens a store. It compares sizes, and the checksums of the index: Verify compares those of all
// numbers. An error names the file and the entry, what was wanted and found, and what to do.
func Open(dir string) (*Store, error) {
	path := filepath.Join(dir, setName)
	m, err := loader.Map(path)
	if errors.Is(err, fs.ErrNotExist) {
		if lacksSet(dir) {
			return nil, &loader.Error{File: path, Want: "the pictures of the store", Found: "no such file: it was removed, or the first run was stopped", Err: err, Do: again}
		}
		return nil, &loader.Error{File: dir, Want: "a store of features, with the file " + setName, Found: found(dir), Err: err, Do: "make one with cradio features DATA --out " + dir}
	}
	if err != nil {
		return nil, err
	}
	defer m.Close()
	s := &Store{Dir: dir}
	var h setHeader
	if fault := m.Read(func(text []byte) { h, s.Set, err = parseSet(path, text) }); fault != nil {
		return nil, fault
	}
	if err != nil {
		return nil, err
	}
	s.Recipe, s.Views, s.About = h.Recipe, h.Views, h.about()
	if s.rows, err = openRows(dir, h.Recipe, false); err != nil {
		return nil, err
	}
	if err := s.find(h); err != nil {
		s.rows.close()
		return nil, err
	}
	return s, nil
}

func found(dir string) string {
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return "another folder"
	}
	return "no such folder"
}

// find finds the rows of all pictures.
func (s *Store) find(h setHeader) error {
	x := s.rows.index
	path := filepath.Join(s.rows.dir, indexName)
	if n := len(x.records); h.Complete && n < h.Entries {
		return &loader.Error{File: path, Want: fmt.Sprintf("%d records", h.Entries), Found: fmt.Sprintf("%d: the file is cut short", n), Do: again}
	}
	s.row = make(map[key]int, len(x.records))
	for row, rec := range x.records {
		if !x.bad[row] && !x.free[row] {
			s.row[rec.key] = row
		}
	}
	missing, first := 0, ""
	for _, item := range s.Set.Items {
		for view := range s.Views.Count {
			row := s.rowOf(item.SHA256, view)
			if row < 0 {
				missing++
				if first == "" {
					first = fmt.Sprintf("%s, view %d", item.Path, view)
				}
				continue
			}
			for i := range s.Recipe.Columns {
				if row >= s.rows.room(i) {
					err := s.rows.check(row, s.rows.all())
					return fmt.Errorf("%s: %w", item.Path, err)
				}
			}
		}
	}
	rows := len(s.Set.Items) * s.Views.Count
	switch {
	case missing > 0 && h.Complete:
		return &loader.Error{File: path, Want: fmt.Sprintf("a record for each of %d rows", rows), Found: fmt.Sprintf("%d are missing or damaged; the first: %s", missing, first), Do: again}
	case !h.Complete:
		return &loader.Error{File: s.Dir, Want: "a complete store", Found: fmt.Sprintf("the run that fills it was interrupted: %d of %d rows are there", rows-missing, rows), Do: again}
	}
	return nil
}

// rowOf returns the row of a view of a picture, or -1.
func (s *Store) rowOf(picture [sha256.Size]byte, view int) int {
	if row, ok := s.row[key{picture, s.Views.crop(view)}]; ok {
		return row
	}
	return -1
}

// Row returns the row of a view of a picture of Set. Copies of a picture have one row.
func (s *Store) Row(item, view int) int { return s.rowOf(s.Set.Items[item].SHA256, view) }

// Rows returns the row of a view of each of the items.
func (s *Store) Rows(items []int, view int) []int {
	rows := make([]int, len(items))
	for i, item := range items {
		rows[i] = s.Row(item, view)
	}
	return rows
}

// Sum returns the checksum of the numbers that a row has in a source's column, as the index records it.
func (s *Store) Sum(row int, source radio.Source) uint32 {
	return s.rows.index.records[row].sums[s.Recipe.Column(source)]
}

// Beside returns the path of a file beside the numbers of a source, for what others compute from them.
func (s *Store) Beside(source radio.Source, extension string) string {
	return filepath.Join(s.rows.dir, s.Recipe.file(s.Recipe.Column(source))+extension)
}

// Params returns the crop and flip of a view of a picture of h×w pixels, to move its mask along.
func (s *Store) Params(item, view, h, w int) (augment.Params, error) {
	return s.Views.Params(s.Set.Items[item].SHA256, view, h, w)
}

// Array returns the rows of a source.
func (s *Store) Array(source radio.Source) (*Array, error) {
	column := s.Recipe.Column(source)
	if column < 0 {
		return nil, &loader.Error{File: s.Dir, Want: fmt.Sprintf("the source %s", source), Found: fmt.Sprint(s.Recipe.Sources()),
			Do: "run cradio features with --source " + string(source) + " into another folder"}
	}
	return newArray(s.rows.files[column].Contents(), s.Recipe.Columns[column], s.Recipe.DType, len(s.rows.index.records)), nil
}

// Verify reads all rows of the pictures, and compares their checksums: those of some sources, or of
// all without any. The error is that of the first row that is damaged; it names the picture too.
// checked, if not nil, is told how many rows of how many are compared.
func (s *Store) Verify(ctx context.Context, checked func(done, total int), sources ...radio.Source) error {
	columns := s.rows.all()
	if len(sources) > 0 {
		columns = nil
	}
	for _, source := range sources {
		if _, err := s.Array(source); err != nil {
			return err
		}
		columns = append(columns, s.Recipe.Column(source))
	}
	total := len(s.Set.Items) * s.Views.Count
	for i, item := range s.Set.Items {
		for view := range s.Views.Count {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := s.rows.check(s.Row(i, view), columns); err != nil {
				return fmt.Errorf("%s: %w", item.Path, err)
			}
			if checked != nil {
				checked(i*s.Views.Count+view+1, total)
			}
		}
	}
	return nil
}

// Fault returns the error for a read of a row that faulted at addr: another process shortened a file.
// See loader.MappedFile.Fault.
func (s *Store) Fault(addr uintptr) error {
	for _, m := range s.rows.files {
		if err := m.Fault(addr); err != nil {
			return err
		}
	}
	return nil
}

// Close unmaps the files. Closing nil does nothing.
func (s *Store) Close() error {
	if s == nil {
		return nil
	}
	s.rows.close()
	return nil
}
