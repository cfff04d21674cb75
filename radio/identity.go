package radio

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"runtime/debug"
	"slices"

	"cradio/loader"
	"cradio/radio/checkpoint"
)

// Identity identifies the model, independent of the name and place of its folder. It is 64 hexadecimal
// digits: the SHA-256 of the contents of the checkpoint's files, of the configuration in use and of
// the preprocessor. Models of one identity give the same numbers in one precision. A copy of the
// folder has the same identity. Another weight, option of the architecture or preprocessor gives
// another one.
//
// Identity reads the whole checkpoint, unless packed weights are in use, since these hold its
// checksums. Forward passes may run at the same time. It is an error if a file has changed since it
// was opened. Identity stops when ctx is done.
func (m *Model) Identity(ctx context.Context) (id string, err error) {
	m.closing.RLock()
	defer m.closing.RUnlock()
	defer m.cutShort(&err, debug.SetPanicOnFault(true))
	if m.closed {
		return "", ErrClosed
	}
	h := sha256.New()
	if err := m.identifyWeights(ctx, h); err != nil {
		return "", err
	}
	if err := m.unchanged(); err != nil {
		return "", err
	}
	about := m.architecture()
	about["processor"] = m.processor
	if err := writeCanonical(h, about); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Fingerprint identifies a backbone by its sums; see [checkpoint.Fingerprint].
type Fingerprint = checkpoint.Fingerprint

// Fingerprint reads the whole checkpoint, as Identity does.
func (m *Model) Fingerprint(ctx context.Context) (f Fingerprint, err error) {
	m.closing.RLock()
	defer m.closing.RUnlock()
	defer m.cutShort(&err, debug.SetPanicOnFault(true))
	if m.closed {
		return f, ErrClosed
	}
	weights, config := sha256.New(), sha256.New()
	if err := m.identifyWeights(ctx, weights); err != nil {
		return f, err
	}
	if err := m.unchanged(); err != nil {
		return f, err
	}
	about := m.architecture()
	delete(about, "adapter")
	if err := writeCanonical(config, about); err != nil {
		return f, err
	}
	return Fingerprint{Config: hex.EncodeToString(config.Sum(nil)), Weights: hex.EncodeToString(weights.Sum(nil)), Adapter: m.adapter}, nil
}

// architecture is what of the configuration changes numbers.
func (m *Model) architecture() map[string]any {
	config := *m.config
	config.Version, config.AlignFrom, config.At, config.Synthetic, config.Ignored = "", "", "", false, nil // for messages
	config.TeacherModels = nil
	return map[string]any{
		"adapter": m.adapter, "config": config, "vitdet_period": m.net.windows.period, "external_preprocessing": m.net.Conditioner == nil,
	}
}

// writeCanonical writes v as canonical has it.
func writeCanonical(w io.Writer, v any) error {
	text, err := canonical(v)
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

// cutShort makes an error of the fault from reading a mapped file that was truncated. before is the
// value to which debug.SetPanicOnFault is reset.
func (m *Model) cutShort(err *error, before bool) {
	debug.SetPanicOnFault(before)
	r := recover()
	if r == nil {
		return
	}
	if _, fault := r.(interface{ Addr() uintptr }); !fault {
		panic(r)
	}
	if *err = m.unchanged(); *err == nil {
		*err = fmt.Errorf("%s: a part of it cannot be read any more; check the disk", m.source)
	}
}

// Unchanged says whether the checkpoint's files are still as they were when they were
// opened, as far as their sizes and times tell.
func (m *Model) Unchanged() error {
	m.closing.RLock()
	defer m.closing.RUnlock()
	if m.closed {
		return ErrClosed
	}
	return m.unchanged()
}

func (m *Model) unchanged() error {
	files, _ := m.checkpointFiles()
	for _, f := range files {
		if err := f.Unchanged(); err != nil {
			return err
		}
	}
	return nil
}

// checkpointFiles are those of the checkpoint; false for weights from elsewhere.
func (m *Model) checkpointFiles() ([]*loader.MappedFile, bool) {
	switch src := m.source.(type) {
	case *loader.File:
		return []*loader.MappedFile{src.MappedFile}, true
	case *loader.Checkpoint:
		return src.Files(), true
	}
	return nil, false
}

// identifyWeights writes to h what identifies the weights.
func (m *Model) identifyWeights(ctx context.Context, h hash.Hash) error {
	if s, ok := m.source.(*loader.Synthetic); ok {
		fmt.Fprintf(h, "%s\n", s) // names the seed
		return nil
	}
	files, all := m.checkpointFiles()
	if !all {
		return m.identifyTensors(ctx, h)
	}
	var sums []string
	if m.pack != nil {
		sums = m.pack.file.Checksums() // confirmed when it was opened
	} else {
		for _, f := range files {
			sum, err := f.Checksum(ctx)
			if err != nil {
				return err
			}
			sums = append(sums, sum)
		}
	}
	for _, sum := range sums {
		fmt.Fprintf(h, "file %s\n", sum)
	}
	return nil
}

// identifyTensors writes every tensor of a source that is not of safetensors files alone,
// with its name, shape and values.
func (m *Model) identifyTensors(ctx context.Context, h hash.Hash) error {
	names := m.source.Names()
	shapes := map[string][]int{}
	if names == nil { // a source that makes what it is asked for
		for _, w := range m.weights.All() {
			shapes[w.Name] = w.Shape()
			names = append(names, w.Name)
		}
		slices.Sort(names)
	}
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		info, listed := m.source.Lookup(name)
		if !listed {
			info.DType, info.Shape = loader.F32, shapes[name]
		}
		fmt.Fprintf(h, "tensor %q %v %s\n", name, info.Shape, info.DType)
		if err := m.identifyTensor(h, name, info); err != nil {
			return err
		}
		m.source.Release(name)
	}
	return nil
}

// identifyTensor writes the values of a tensor. No model uses tensors of a type without numbers.
func (m *Model) identifyTensor(h hash.Hash, name string, info loader.Info) error {
	switch info.DType {
	case loader.F64, loader.F32, loader.F16, loader.BF16:
		values, err := m.source.Float32(name, info.Shape...)
		if err != nil {
			return err
		}
		return binary.Write(h, binary.LittleEndian, values)
	case loader.I64, loader.I32, loader.I16, loader.I8, loader.U8:
		values, err := m.source.Int64(name, info.Shape...)
		if err != nil {
			return err
		}
		return binary.Write(h, binary.LittleEndian, values)
	}
	return nil
}

// canonical is v as JSON with sorted keys and without what is zero, false or empty: a field
// that a later version adds, and that a model does not use, leaves it as it was.
func canonical(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var tree any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&tree); err != nil {
		return nil, err
	}
	return json.Marshal(withoutZeros(tree))
}

// withoutZeros drops from objects the fields that say nothing; what is in a list stays.
func withoutZeros(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, field := range v {
			field = withoutZeros(field)
			if isZero(field) {
				delete(v, key)
			} else {
				v[key] = field
			}
		}
	case []any:
		for i := range v {
			v[i] = withoutZeros(v[i])
		}
	}
	return v
}

func isZero(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case bool:
		return !v
	case string:
		return v == ""
	case json.Number:
		return v == "0"
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}
