package features

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"cradio/loader"
)

// rows are the mapped files of a recipe's folder.
type rows struct {
	recipe Recipe
	dir    string // of the recipe
	index  *index
	files  []*loader.MappedFile // of each column
}

// openRows maps the files of a recipe. To repair a store, a damaged header of the index is no error: each
// record has a checksum of its own.
func openRows(dir string, r Recipe, repair bool) (s *rows, err error) {
	s = &rows{recipe: r, dir: folderOf(dir, &r)}
	path := filepath.Join(s.dir, indexName)
	m, err := mapped(path)
	if err != nil {
		return nil, err
	}
	defer m.Close()
	if fault := m.Read(func(text []byte) { s.index, err = parseIndex(path, text, &r, repair) }); fault != nil {
		return nil, fault
	}
	if err != nil {
		return nil, err
	}
	for i := range r.Columns {
		m, err := mapped(filepath.Join(s.dir, r.file(i)))
		if err != nil {
			s.close()
			return nil, err
		}
		s.files = append(s.files, m)
	}
	return s, nil
}

// mapped maps a file of a store. If it is lost, the error says what to do.
func mapped(path string) (*loader.MappedFile, error) {
	m, err := loader.Map(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &loader.Error{File: path, Want: "a file of the store", Found: "no such file", Err: err, Do: again}
	}
	return m, err
}

func (s *rows) close() {
	for _, m := range s.files {
		m.Close()
	}
}

// room is how many whole rows a column's file has.
func (s *rows) room(column int) int {
	return int(int64(len(s.files[column].Contents())) / s.recipe.bytes(column))
}

// wrong is the error of a row.
func (s *rows) wrong(column, row int, want, found string) error {
	return &loader.Error{File: filepath.Join(s.dir, s.recipe.file(column)), Item: fmt.Sprintf("row %d", row), Want: want, Found: found, Do: again}
}

// check compares the checksums of a row with its record, of some columns.
func (s *rows) check(row int, columns []int) (err error) {
	if s.index.bad[row] {
		return &loader.Error{File: filepath.Join(s.dir, indexName), Item: fmt.Sprintf("row %d", row), Want: "a record with a correct checksum", Found: "another checksum", Do: again}
	}
	if s.index.free[row] {
		return nil
	}
	for _, i := range columns {
		if row >= s.room(i) {
			return s.wrong(i, row, fmt.Sprintf("%d bytes in all", int64(row+1)*s.recipe.bytes(i)), fmt.Sprintf("%d: the file is cut short", len(s.files[i].Contents())))
		}
		want := s.index.records[row].sums[i]
		var found uint32
		n := s.recipe.bytes(i)
		if err := s.files[i].Read(func(all []byte) { found = checksum(all[int64(row)*n:][:n]) }); err != nil {
			return err
		}
		if found != want {
			return s.wrong(i, row, fmt.Sprintf("checksum %08x", want), fmt.Sprintf("%08x", found))
		}
	}
	return nil
}

// all are the numbers of all columns.
func (s *rows) all() []int {
	columns := make([]int, len(s.recipe.Columns))
	for i := range columns {
		columns[i] = i
	}
	return columns
}

// damaged checks all rows, and returns the error of each that is damaged.
func (s *rows) damaged(ctx context.Context, checked func(done, total int)) (map[int]error, error) {
	bad := map[int]error{}
	columns := s.all()
	for row := range s.index.records {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := s.check(row, columns); err != nil {
			bad[row] = err
		}
		if checked != nil {
			checked(row+1, len(s.index.records))
		}
	}
	return bad, nil
}
