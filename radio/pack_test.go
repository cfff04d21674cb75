package radio

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cradio/cpu"
	"cradio/loader"
	"cradio/radio/packs"

	"github.com/stretchr/testify/require"
)

// What a file of packed weights says of itself: its format, as radio/packs has it.
type packAbout struct {
	Version int          `json:"version"`
	DType   DType        `json:"dtype"`
	Layout  string       `json:"layout"`
	Files   []packedFile `json:"checkpoint"`
	Data    string       `json:"data_sha256"`
}

type packedFile struct {
	loader.Identity
	SHA256 string `json:"sha256"`
}

const (
	packKey       = "cradio_pack"
	packAlignment = 1 << 16
)

// packPath is where the pack of a checkpoint is.
func packPath(dir string, of at, d DType) string { return packs.Path(dir, of, useOf(d)) }

// useOf is what packs of a precision are for on the default device.
func useOf(d DType) packs.Use { return packs.Use{Precision: string(d), Layout: cpu.Default().Layout()} }

// folder is a copy of a checkpoint.
func folder(t testing.TB, name string) string {
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(filepath.Join(checkpoints, name))))
	return dir
}

// openLogged opens a folder, and gives what is logged.
func openLogged(t testing.TB, dir string, opt Options) (*Model, string) {
	var log bytes.Buffer
	opt.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	m, err := Open(context.Background(), dir, opt)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, m.Close()) })
	return m, log.String()
}

// packed packs the folder's checkpoint.
func packed(t testing.TB, dir string, d DType) *Pack {
	m, _ := openLogged(t, dir, Options{DType: d, NoPack: true})
	p, err := m.WritePack(context.Background(), "", nil)
	require.NoError(t, err)
	return p
}

// leveled skips what needs a level that packs float32.
func leveled(t testing.TB) {
	if l, err := cpu.Choose(); err != nil || l == cpu.Plain {
		t.Skipf("level %v reads float32 weights as they lie", l)
	}
}

func TestPackIsBitEqual(t *testing.T) {
	inUse, err := cpu.Choose()
	require.NoError(t, err)
	defer cpu.Use(inUse)
	for _, level := range cpu.Levels() {
		require.NoError(t, cpu.Use(level))
		for _, d := range []DType{Float32, BFloat16, Int8} {
			for _, name := range []string{"hub", "hub-sharded", "hub-bfloat16", "vlm-prefix"} {
				t.Run(level.String()+"/"+string(d)+"/"+name, func(t *testing.T) {
					if level == cpu.Plain && (d == Float32 || name != "hub") {
						t.Skip("slow, and nothing to pack in float32")
					}
					dir := folder(t, name)
					plain, log := openLogged(t, dir, Options{DType: d})
					require.Empty(t, log)
					require.Nil(t, plain.Pack())
					made := packed(t, dir, d)
					m, log := openLogged(t, dir, Options{DType: d})
					require.Contains(t, log, "using packed weights")
					require.Equal(t, made.Path, m.Pack().Path)
					require.Equal(t, made.Bytes, m.Pack().Bytes)
					require.NoError(t, m.VerifyPack(context.Background()))

					req := Request{Intermediates: &Intermediates{Last: 2}}
					for _, a := range m.Config().Adaptors {
						req.Adaptors = append(req.Adaptors, a.Name)
					}
					x := pattern(2, 48, 32)
					require.Equal(t, forward(t, plain, x, req), forward(t, m, x, req))
				})
			}
		}
	}
}

// The checkpoint's numbers are not read: they can be other ones, as long as nobody
// verifies. At a new time they are compared.
func TestPackTakesTheCheckpointsPlace(t *testing.T) {
	leveled(t)
	dir := folder(t, "hub")
	plain, _ := openLogged(t, dir, Options{})
	x := pattern(1, 32, 32)
	want := forward(t, plain, x, Request{})
	packed(t, dir, Float32)

	path := filepath.Join(dir, "model.safetensors")
	stat, err := os.Stat(path)
	require.NoError(t, err)
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	header := 8 + int(data[0]) + int(data[1])<<8 + int(data[2])<<16
	clear(data[header : len(data)-256]) // summary_idxs lie at the end
	require.NoError(t, plain.Close())
	require.NoError(t, os.WriteFile(path, data, 0o644))
	require.NoError(t, os.Chtimes(path, stat.ModTime(), stat.ModTime()))

	m, log := openLogged(t, dir, Options{})
	require.Contains(t, log, "using packed weights")
	require.Equal(t, want, forward(t, m, x, Request{}))
	require.ErrorContains(t, m.VerifyPack(context.Background()), "it has changed; make it again with `cradio pack`")

	changed, log := openLogged(t, dir, Options{NoPack: true})
	require.Empty(t, log)
	require.NotEqual(t, want, forward(t, changed, x, Request{}))

	require.NoError(t, os.Chtimes(path, stat.ModTime(), stat.ModTime().Add(time.Second)))
	m, log = openLogged(t, dir, Options{})
	require.Nil(t, m.Pack())
	require.Contains(t, log, "level=WARN msg=\"not using packed weights\"")
	require.Contains(t, log, "model.safetensors was modified at")
	require.NotEqual(t, want, forward(t, m, x, Request{}))
}

// rewrite changes a pack's tensors and what it says of itself.
func rewrite(t testing.TB, path string, change func(tensors []loader.Tensor, about *packAbout) []loader.Tensor) {
	f, err := loader.OpenFile(path)
	require.NoError(t, err)
	var about packAbout
	require.NoError(t, json.Unmarshal([]byte(f.Metadata()[packKey]), &about))
	var tensors []loader.Tensor
	for _, name := range f.Names() {
		info, _ := f.Lookup(name)
		data, err := f.Bytes(name)
		require.NoError(t, err)
		tensors = append(tensors, loader.Tensor{Name: name, DType: info.DType, Shape: info.Shape, Data: loader.ByteData(bytes.Clone(data))})
	}
	require.NoError(t, f.Close())
	tensors = change(tensors, &about)
	text, err := json.Marshal(about)
	require.NoError(t, err)
	slices.SortStableFunc(tensors, func(a, b loader.Tensor) int { return cmp.Compare(b.DType, a.DType) }) // sections first
	require.NoError(t, loader.WriteInOrder(path, tensors, map[string]string{packKey: string(text)}, packAlignment))
}

// TestWrongPacks: each is left alone, with a warning that names the file, what is
// wrong, and what to do; the features are those of the checkpoint.
func TestWrongPacks(t *testing.T) {
	leveled(t)
	dir := folder(t, "hub")
	plain, _ := openLogged(t, dir, Options{})
	x := pattern(1, 32, 32)
	want := forward(t, plain, x, Request{})
	p := packed(t, dir, Float32)
	good, err := os.ReadFile(p.Path)
	require.NoError(t, err)
	about := func(change func(a *packAbout)) func() {
		return func() {
			rewrite(t, p.Path, func(list []loader.Tensor, a *packAbout) []loader.Tensor { change(a); return list })
		}
	}
	tensor := func(change func(x *loader.Tensor)) func() {
		return func() {
			rewrite(t, p.Path, func(list []loader.Tensor, _ *packAbout) []loader.Tensor {
				for i := range list {
					change(&list[i])
				}
				return list
			})
		}
	}
	write := func(data []byte) func() { return func() { require.NoError(t, os.WriteFile(p.Path, data, 0o644)) } }
	for _, c := range []struct {
		name   string
		damage func()
		want   string
	}{
		{"empty", write(nil), "an empty file"},
		{"truncated", write(good[:len(good)-7]), "want data up to byte"},
		{"appended", write(append(bytes.Clone(good), 0)), "something was appended"},
		{"not a pack", write([]byte("PK\x03\x04 an archive of another kind")), "a zip archive"},
		{"a checkpoint", func() {
			data, err := os.ReadFile(filepath.Join(dir, "model.safetensors"))
			require.NoError(t, err)
			write(data)()
		}, "want cradio_pack, which says what the pack is of"},
		{"version", about(func(a *packAbout) { a.Version = 7 }), "want a pack of version 1, found version 7"},
		{"dtype", about(func(a *packAbout) { a.DType = Int8 }), "found int8 at"},
		{"layout", about(func(a *packAbout) { a.Layout = "neon-v1" }), "float32 at neon-v1"},
		{"size", about(func(a *packAbout) { a.Files[0].Size++ }), "model.safetensors was"},
		{"header", about(func(a *packAbout) { a.Files[0].Header = "" }), "model.safetensors has another header"},
		{"name", about(func(a *packAbout) { a.Files[0].Name = "other" }), `it was \"other\", found \"model.safetensors\"`},
		{"files", about(func(a *packAbout) { a.Files = nil }), "it was 0 files, found 1"},
		{"a section too short", tensor(func(x *loader.Tensor) {
			if strings.Contains(x.Name, "blocks.1.attn.qkv.weight/") {
				x.Shape, x.Data = []int{64}, loader.ByteData(make([]byte, 64))
			}
		}), "blocks.1.attn.qkv.weight: section"},
		{"an unknown section", tensor(func(x *loader.Tensor) {
			if strings.Contains(x.Name, "blocks.1.attn.qkv.weight/") {
				x.Name = "radio_model.model.blocks.1.attn.qkv.weight/full/other"
			}
		}), "blocks.1.attn.qkv.weight: section"},
		{"an unknown precision", tensor(func(x *loader.Tensor) { x.Name = strings.Replace(x.Name, "/full/", "/half/", 1) }), `precision is \"half\"`},
		{"an unknown weight", tensor(func(x *loader.Tensor) { x.Name = strings.Replace(x.Name, "blocks.2.", "blocks.9.", 1) }), "blocks.9."},
		{"no matrix", tensor(func(x *loader.Tensor) {
			if strings.HasSuffix(x.Name, "blocks.0.norm1.weight") {
				x.Name += "/full/panels"
			}
		}), "only matrices of float32 have a packed form"},
		{"another shape", tensor(func(x *loader.Tensor) {
			if strings.HasSuffix(x.Name, "blocks.0.norm1.weight") {
				x.Shape = []int{1, 64}
			}
		}), "want shape (64,), found (1, 64)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			write(good)()
			c.damage()
			m, log := openLogged(t, dir, Options{})
			require.Nil(t, m.Pack())
			require.Contains(t, log, c.want)
			require.Contains(t, log, filepath.Base(p.Path))
			require.Contains(t, log, "make it again with `cradio pack`, or delete it")
			require.Equal(t, 1, strings.Count(log, "\n"), log)
			require.Equal(t, want, forward(t, m, x, Request{}))
		})
	}

	write(good)()
	data := bytes.Clone(good)
	data[len(data)-1] ^= 1
	write(data)()
	m, _ := openLogged(t, dir, Options{})
	require.ErrorContains(t, m.VerifyPack(context.Background()), "the file is damaged")
}

func TestWritePackRefuses(t *testing.T) {
	ctx := context.Background()
	_, err := openNano(t, Options{}).WritePack(ctx, "", nil)
	require.ErrorContains(t, err, "has no folder to keep packed weights in; `cradio synth` writes one")

	dir := folder(t, "hub")
	wide, _ := openLogged(t, dir, Options{DType: Float64})
	_, err = wide.WritePack(ctx, "", nil)
	require.ErrorIs(t, err, ErrNothingToPack)
	require.ErrorContains(t, wide.VerifyPack(context.Background()), "there is nothing to verify")

	leveled(t)
	m, _ := openLogged(t, dir, Options{})
	_, err = m.WritePack(ctx, filepath.Join(dir, "none"), nil)
	require.ErrorContains(t, err, "the folder does not exist")
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	_, err = m.WritePack(cancelled, "", nil)
	require.ErrorIs(t, err, context.Canceled)

	elsewhere := t.TempDir()
	var last, of int64
	p, err := m.WritePack(ctx, elsewhere, func(done, total int64) { last, of = done, total })
	require.NoError(t, err)
	require.Equal(t, of, last)
	require.Equal(t, elsewhere, filepath.Dir(p.Path))
	again, log := openLogged(t, dir, Options{PackDir: elsewhere})
	require.Contains(t, log, "using packed weights")
	_, err = again.WritePack(ctx, "", nil)
	require.ErrorContains(t, err, "open it with Options.NoPack")
	require.NoError(t, again.Close())
	_, err = again.WritePack(ctx, "", nil)
	require.ErrorIs(t, err, ErrClosed)
}

func TestMissingPacksAreSaid(t *testing.T) {
	dir, elsewhere := folder(t, "hub"), t.TempDir()
	m, log := openLogged(t, dir, Options{PackDir: elsewhere})
	require.Nil(t, m.Pack())
	require.Contains(t, log, "no packed weights there")
	require.Contains(t, log, elsewhere)

	_, log = openLogged(t, SyntheticPrefix+"nano", Options{PackDir: elsewhere})
	require.Contains(t, log, "packed weights are not read")
	_, log = openLogged(t, dir, Options{})
	require.NotContains(t, log, "packed weights")
}

func TestFolderWithoutConfig(t *testing.T) {
	dir := t.TempDir()
	_, err := Open(context.Background(), dir, Options{})
	require.ErrorContains(t, err, dir+": has no config.json")
	require.ErrorIs(t, err, fs.ErrNotExist)
}
