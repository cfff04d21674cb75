package loader

import (
	"encoding/binary"
	"fmt"

	"cradio/loader/pickle"
)

// readLegacy reads the format of torch.save before PyTorch 1.6. It begins with pickles, one after another: a magic number, a
// version, the number format of the machine, the object, and the keys of its storages. Then follows each storage: its
// length in 8 bytes, and its numbers, little-endian.
func (t *Torch) readLegacy() error {
	s := &storages{all: map[string]*storage{}}
	at := 0
	var parts [5]any
	for i, item := range []string{"mark", "version", "system", "pickle", "keys"} {
		v, used, err := t.load(t.mapped[at:], item, s)
		if err != nil {
			return err
		}
		parts[i] = v
		at += used
	}
	const version = 1001
	if parts[1] != int64(version) {
		return &Error{Item: "version", Want: fmt.Sprint(version), Found: describe(parts[1])}
	}
	keys, ok := parts[4].(*pickle.List)
	if !ok {
		return &Error{Item: "keys", Want: "a list of the storages' keys", Found: describe(parts[4])}
	}
	t.known = [][]byte{t.mapped[:at]}
	for _, key := range keys.Items {
		text, _ := key.(string)
		one, ok := s.all[text]
		if !ok || one.found {
			return &Error{Item: "keys", Want: "each storage of the pickle once", Found: describe(key)}
		}
		rest := t.mapped[at:]
		if len(rest) < 8 {
			return one.cut(len(rest))
		}
		n := binary.LittleEndian.Uint64(rest)
		if n != uint64(one.n) {
			return &Error{Item: "storage " + quote(text), Want: fmt.Sprintf("%d elements", one.n), Found: fmt.Sprint(n)}
		}
		if size := one.n * one.size; len(rest)-8 < size {
			return one.cut(len(rest) - 8)
		}
		one.raw, one.found = rest[8:8+one.n*one.size:8+one.n*one.size], true
		at += 8 + len(one.raw)
	}
	for _, one := range s.all {
		if !one.found {
			return one.cut(0)
		}
	}
	t.root = parts[3]
	return nil
}
