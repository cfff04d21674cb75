package features

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"cradio/loader"
)

// The file index of a recipe's folder is a header and then a record for each row, in the order of the
// rows. Numbers are little-endian.
//
//	header   magic (16), SHA-256 of the recipe (32), columns (4), bytes of a record (4),
//	         checksum of these (4), zeros (4)
//	record   SHA-256 of the picture's file (32), crop (8), row (8),
//	         checksum of the row in each column (4 each), checksum of the record (4)
//
// Checksums are CRC-32C. A row is there if its record is: the record is written last. A record without
// a picture, all zeros, is of a row that was removed: the next row that is added takes its place.
const (
	indexName   = "index"
	magic       = "cradio features\x01"
	headerBytes = 64
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }

// recordBytes is the size of a record.
func (r *Recipe) recordBytes() int { return sha256.Size + 8 + 8 + 4*len(r.Columns) + 4 }

// header returns the first bytes of the index.
func (r *Recipe) header() []byte {
	sum := r.sum()
	b := append([]byte(magic), sum[:]...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(r.Columns)))
	b = binary.LittleEndian.AppendUint32(b, uint32(r.recordBytes()))
	b = binary.LittleEndian.AppendUint32(b, checksum(b))
	return append(b, make([]byte, headerBytes-len(b))...)
}

// key identifies a row: a view of a picture.
type key struct {
	picture [sha256.Size]byte
	crop    uint64 // 0 is the whole picture; see Views
}

// record is an entry of the index.
type record struct {
	key
	sums []uint32 // of each column
}

// encode returns a record's bytes.
func (r *Recipe) encode(rec record, row int) []byte {
	b := append(make([]byte, 0, r.recordBytes()), rec.picture[:]...)
	b = binary.LittleEndian.AppendUint64(b, rec.crop)
	b = binary.LittleEndian.AppendUint64(b, uint64(row))
	for _, s := range rec.sums {
		b = binary.LittleEndian.AppendUint32(b, s)
	}
	return binary.LittleEndian.AppendUint32(b, checksum(b))
}

// index is the contents of an index.
type index struct {
	records []record     // by row; those of bad rows are empty
	bad     map[int]bool // rows whose record is damaged
	free    map[int]bool // rows that were removed
	torn    int          // bytes of a last record that is not complete
}

// parseIndex reads an index. A damaged record costs one row. A damaged header is an error, unless the
// store is to be repaired.
func parseIndex(path string, text []byte, r *Recipe, repair bool) (*index, error) {
	if repair && len(text) < headerBytes {
		return &index{}, nil
	}
	if !repair && !bytes.HasPrefix(text, r.header()) {
		found := "another one"
		if len(text) < headerBytes {
			found = fmt.Sprintf("%d bytes", len(text))
		}
		return nil, &loader.Error{File: path, Item: "header", Want: fmt.Sprintf("the %d bytes of its recipe", headerBytes), Found: found, Do: again}
	}
	size := r.recordBytes()
	text = text[headerBytes:]
	x := &index{bad: map[int]bool{}, free: map[int]bool{}, torn: len(text) % size}
	n := len(text) / size
	x.records = make([]record, n)
	columns := len(r.Columns)
	sums := make([]uint32, n*columns)
	for row := range n {
		b := text[row*size:][:size]
		body := b[:size-4]
		if checksum(body) != binary.LittleEndian.Uint32(b[size-4:]) || binary.LittleEndian.Uint64(b[sha256.Size+8:]) != uint64(row) {
			x.bad[row] = true
			continue
		}
		rec := &x.records[row]
		copy(rec.picture[:], b)
		rec.crop = binary.LittleEndian.Uint64(b[sha256.Size:])
		rec.sums = sums[row*columns:][:columns]
		for i := range rec.sums {
			rec.sums[i] = binary.LittleEndian.Uint32(b[sha256.Size+16+4*i:])
		}
		if rec.key == (key{}) {
			x.free[row] = true
		}
	}
	return x, nil
}

// again is what to do about a store that is damaged or not complete.
const again = "run the same cradio features command again: it computes what is missing, and keeps the others"
