package features

import (
	"slices"

	"cradio/radio/data"
)

// Prune removes the rows of all pictures that are not in d, and returns how many there were. Their
// numbers are overwritten with zeros. The next rows that are added take their places: the files do not
// become smaller. Call it after Finish, so that the pictures that the store is for all have rows,
// whenever the process ends.
func (w *Writer) Prune(d *data.Dataset, v Views) (removed int, err error) {
	if w.failed != nil {
		return 0, w.failed
	}
	kept := make(map[key]bool, len(d.Items)*v.Count)
	for _, item := range d.Items {
		for view := range v.Count {
			kept[key{item.SHA256, v.crop(view)}] = true
		}
	}
	var rows []int
	for k, row := range w.row {
		if !kept[k] {
			rows = append(rows, row)
			delete(w.row, k)
		}
	}
	slices.Sort(rows)
	none := record{sums: make([]uint32, len(w.Recipe.Columns))}
	for _, row := range rows {
		// The record first: without it there is no row.
		if err := w.write(len(w.Recipe.Columns), w.Recipe.encode(none, row), headerBytes+int64(row)*int64(w.Recipe.recordBytes())); err != nil {
			return removed, err
		}
		for i := range w.Recipe.Columns {
			n := w.Recipe.bytes(i)
			if err := w.write(i, make([]byte, n), int64(row)*n); err != nil {
				return removed, err
			}
		}
		w.free = append(w.free, row)
		removed++
	}
	return removed, nil
}
