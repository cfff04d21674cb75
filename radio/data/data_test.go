package data_test

import (
	"bytes"
	"context"
	"fmt"
	stdimage "image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cradio/radio/data"

	"github.com/stretchr/testify/require"
)

// tree writes files into a new folder. A content "png:N" is a small picture, another for each N.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		if n, ok := strings.CutPrefix(content, "png:"); ok {
			img := stdimage.NewGray(stdimage.Rect(0, 0, 3, 2))
			copy(img.Pix, n)
			content = encoded(t, img)
		}
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	}
	return dir
}

func encoded(t *testing.T, img stdimage.Image) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, img))
	return b.String()
}

func TestFolder(t *testing.T) {
	dir := tree(t, map[string]string{
		"dog/1.png": "png:1", "cat/inside/2.PNG": "png:2", "cat/notes.txt": "", "cat/.hidden.png": "", ".git/x/3.png": "", "README.md": "",
	})
	d, err := data.Open(dir)
	require.NoError(t, err)
	require.Equal(t, []string{"cat", "dog"}, d.Classes)
	require.Len(t, d.Items, 2)
	require.Equal(t, []int{0}, d.Items[0].Labels)
	require.Equal(t, filepath.Join(dir, "cat", "inside", "2.PNG"), d.Items[0].Path)
	require.Equal(t, 1, d.LeftOut)
	require.False(t, d.HasParts())
}

func TestFolderOfParts(t *testing.T) {
	dir := tree(t, map[string]string{
		"train/10/1.png": "png:1", "train/9/1.png": "png:2", "valid/9/1.png": "png:3", "Test/9/1.png": "png:4", "other/x/1.png": "png:5",
	})
	d, err := data.Open(dir)
	require.NoError(t, err)
	require.Equal(t, []string{"9", "10"}, d.Classes, "numbers are sorted by value")
	require.Len(t, d.Part(data.Train), 2)
	require.Len(t, d.Part(data.Val), 1)
	require.Len(t, d.Part(data.Test), 1)
	require.Equal(t, []int{1, 1}, d.Counts(data.Train))
	require.NoError(t, d.Check())
}

func TestFolderErrors(t *testing.T) {
	for want, files := range map[string]map[string]string{
		"has no pictures: a class needs at least one; remove the folder, or add pictures": {"cat/1.png": "png:1", "dog/readme.txt": ""},
		"has no folders: want one for each class, with its pictures inside":               {"1.png": "png:1"},
		"has the folders val and valid, which both mean the part val; keep one":           {"train/a/1.png": "png:1", "val/a/1.png": "png:2", "valid/a/1.png": "png:3"},
	} {
		_, err := data.Open(tree(t, files))
		require.ErrorContains(t, err, want)
	}
	_, err := data.Open(filepath.Join(t.TempDir(), "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = data.Open(filepath.Join(tree(t, map[string]string{"a.txt": ""}), "a.txt"))
	require.ErrorContains(t, err, "is no set: want a folder with a folder for each class, or a list (.csv or .jsonl)")
}

func TestLists(t *testing.T) {
	dir := tree(t, map[string]string{
		"one.csv":    "\ufeffpath,label,note\na.png,cat,x\n\"b,1.png\",dog,\n",
		"many.csv":   "path,labels,split\na.png,cat;dog,train\nb.png,dog; dog,test\n",
		"one.jsonl":  "{\"path\": \"a.png\", \"label\": 10}\n\n{\"path\": \"/b.png\", \"label\": 9, \"more\": [1]}\n",
		"many.jsonl": `{"path": "a.png", "labels": ["x", "y"], "split": "val"}`,
	})
	d, err := data.Open(filepath.Join(dir, "one.csv"))
	require.NoError(t, err)
	require.Equal(t, []string{"cat", "dog"}, d.Classes)
	require.Equal(t, filepath.Join(dir, "b,1.png"), d.Items[1].Path)
	require.False(t, d.MultiLabel)
	d, err = data.Open(filepath.Join(dir, "many.csv"))
	require.NoError(t, err)
	require.True(t, d.MultiLabel)
	require.Equal(t, []int{0, 1}, d.Items[0].Labels)
	require.Equal(t, []int{1}, d.Items[1].Labels)
	require.Equal(t, data.Test, d.Items[1].Part)
	d, err = data.Open(filepath.Join(dir, "one.jsonl"))
	require.NoError(t, err)
	require.Equal(t, []string{"9", "10"}, d.Classes)
	require.Equal(t, "/b.png", d.Items[1].Path)
	d, err = data.Open(filepath.Join(dir, "many.jsonl"))
	require.NoError(t, err)
	require.Equal(t, data.Val, d.Items[0].Part)
}

func TestListErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                                           "x.csv: line 1: want a header with the columns path and label",
		"file,label\na,b\n":                          `x.csv: line 1: has the columns ["file" "label"]: want path, and either label or labels`,
		"path,label,labels\na,b,c\n":                 "want path, and either label or labels",
		"path,label,path\n":                          "x.csv: line 1: path: is there twice",
		"path,label\n":                               "x.csv: lists no pictures",
		"path,label\na.png,\n":                       "x.csv: line 2: label: is empty; give a label, or remove the line",
		"path,label\n\n,cat\n":                       "x.csv: line 3: path: is empty",
		"path,label\na,b,c\n":                        "line 2",
		"path,label\n\"a,b\n":                        "line 2",
		"path,label,split\na,b,dev\n":                `x.csv: line 2: split: is "dev": must be train, val or test`,
		"path,label,split\na,b,\n":                   "x.csv: line 2: split: is empty",
		"path,label\na\x00,b\n":                      "x.csv: line 2: path: is no path",
		"path,label\na," + strings.Repeat("b", 5000): "x.csv: line 2: label: has a label of 5000 bytes",
	} {
		_, err := data.Open(filepath.Join(tree(t, map[string]string{"x.csv": text}), "x.csv"))
		require.ErrorContains(t, err, want, text)
	}
	for text, want := range map[string]string{
		"{":                           "x.jsonl: line 1: want JSON",
		"\n[1]":                       "x.jsonl: line 2: want an object with path, and label or labels",
		`{"path": "a"}`:               "x.jsonl: line 1: label: is empty",
		`{"path": "a", "label": 1.5}`: "a label is 1.5: must be a text or a whole number",
		`{"path": "a", "label": "x", "labels": []}`:                                            "line 1: label: is there together with labels",
		`{"path": "a", "label": "x", "label": "y"}`:                                            "line 1: want",
		"{\"path\": \"a\", \"label\": 1}\n{\"path\": \"b\", \"labels\": [1]}":                  "x.jsonl: line 2: label: is missing: all lines have the same field",
		"{\"path\": \"a\", \"label\": 1}\n{\"path\": \"b\", \"label\": 1, \"split\": \"val\"}": "x.jsonl: 1 of 2 pictures have a split; give it to all, or to none",
		`{"path": "a", "label": "` + strings.Repeat("b", 1<<20) + `"}`:                         "must be at most 1048576",
	} {
		_, err := data.Open(filepath.Join(tree(t, map[string]string{"x.jsonl": text}), "x.jsonl"))
		require.ErrorContains(t, err, want)
	}
}

// TestReadSkips: unreadable pictures are listed, and copies do not straddle given parts.
func TestReadSkips(t *testing.T) {
	dir := tree(t, map[string]string{
		"train/a/1.png": "png:1", "train/a/2.png": "no picture", "train/b/3.png": "png:3", "train/b/4.png": "png:9", "train/a/5.png": "png:1",
		"test/a/1.png": "png:9", "val/a/2.png": "png:9", "val/c/6.png": "png:6",
	})
	d, err := data.Open(dir)
	require.NoError(t, err)
	var last []int
	require.NoError(t, d.Read(t.Context(), func(done, total int) { last = []int{done, total} }))
	require.Equal(t, []int{8, 8}, last)
	require.Len(t, d.Items, 5)
	require.Len(t, d.Skipped, 3)
	require.ErrorContains(t, d.Skipped[0].Err, "2.png")
	require.ErrorIs(t, d.Skipped[1].Err, data.ErrStraddles)
	require.ErrorContains(t, d.Skipped[1].Err, "a picture of train with the same contents is in test too")
	lines, warnings := d.Report()
	require.Equal(t, []string{
		"train: 3 pictures of 2 classes, 1 (b) to 2 (a) each", "val: 1 picture of 1 class, 1 each", "test: 1 picture of 1 class, 1 each",
	}, lines)
	require.Equal(t, []string{
		"val has pictures of 1 class that train lacks: c; they are always answered wrong", "1 picture cannot be read and is skipped",
		"2 pictures left out of a part, since the same contents are in a later part",
	}, warnings)

	bad, err := data.Open(tree(t, map[string]string{"a/1.png": "x", "b/1.png": ""}))
	require.NoError(t, err)
	require.ErrorContains(t, bad.Read(t.Context(), nil), "none of the 2 pictures can be used; the first: ")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, d.Read(ctx, nil), context.Canceled)
}

// TestSplitByContents: copies stay together, and more pictures move none.
func TestSplitByContents(t *testing.T) {
	files := map[string]string{}
	for i := range 300 {
		files[fmt.Sprintf("a/%d.png", i)] = fmt.Sprintf("png:%d", i)
		files[fmt.Sprintf("b/%d.png", i)] = fmt.Sprintf("png:%d", i%250)
	}
	d, err := data.Open(tree(t, files))
	require.NoError(t, err)
	f := data.Fractions{Val: 0.2, Test: 0.3}
	require.ErrorContains(t, d.Split("", f, 0), "before it was read")
	require.NoError(t, d.Read(t.Context(), nil))
	require.ErrorContains(t, d.Split("", data.Fractions{Val: 0.5, Test: 0.5}, 0), "their sum below 1")
	require.NoError(t, d.Split("", f, 0))
	part := map[[32]byte]data.Part{}
	for _, item := range d.Items {
		if p, ok := part[item.SHA256]; ok {
			require.Equal(t, p, item.Part, "a copy is in another part")
		}
		part[item.SHA256] = item.Part
	}
	require.Len(t, part, 300)
	require.InDelta(t, 0.3, float64(len(d.Part(data.Test)))/600, 0.06)
	require.InDelta(t, 0.2, float64(len(d.Part(data.Val)))/600, 0.06)
	few := map[string]string{}
	for i := range 100 {
		few[fmt.Sprintf("z/%d.png", 299-i)] = fmt.Sprintf("png:%d", 299-i)
	}
	less, err := data.Open(tree(t, few))
	require.NoError(t, err)
	require.NoError(t, less.Read(t.Context(), nil))
	require.NoError(t, less.Split("", f, 0))
	moved := 0
	for _, item := range less.Items {
		require.Equal(t, part[item.SHA256], item.Part)
	}
	for i := range less.Items {
		less.Items[i].Part = ""
	}
	require.NoError(t, less.Split("", f, 1))
	for _, item := range less.Items {
		if part[item.SHA256] != item.Part {
			moved++
		}
	}
	require.Greater(t, moved, 20, "another seed gives another split")
}

func TestImbalanceIsSaid(t *testing.T) {
	files := map[string]string{"rare/1.png": "png:x"}
	for i := range 20 {
		files[fmt.Sprintf("common/%d.png", i)] = fmt.Sprintf("png:%d", i)
	}
	d, err := data.Open(tree(t, files))
	require.NoError(t, err)
	_, warnings := d.Report()
	require.Equal(t, []string{"all is imbalanced: 20 (common), 1 (rare); accuracy follows the large classes, see the mean of recalls"}, warnings)
	require.ErrorContains(t, d.Check(), "the part train has no pictures")
	for i := range d.Items {
		d.Items[i].Part = data.Train
	}
	d.Items = d.Items[:20]
	require.ErrorContains(t, d.Check(), "train has one class only, common: want at least two")
}

func TestPairs(t *testing.T) {
	dir := tree(t, map[string]string{"images/a/1.jpg": "", "images/2.png": "", "masks/a/1.png": "", "masks/3.png": "", "masks/notes.txt": "", "images/.x.png": ""})
	pairs, alone, err := data.Pairs(filepath.Join(dir, "images"), filepath.Join(dir, "masks"))
	require.NoError(t, err)
	require.Equal(t, []data.Pair{{filepath.Join(dir, "images", "a", "1.jpg"), filepath.Join(dir, "masks", "a", "1.png")}}, pairs)
	require.Equal(t, []string{filepath.Join(dir, "images", "2.png"), filepath.Join(dir, "masks", "3.png")}, alone)
	dir = tree(t, map[string]string{"images/1.jpg": "", "images/1.png": "", "masks/1.png": "", "other/2.png": ""})
	_, _, err = data.Pairs(filepath.Join(dir, "images"), filepath.Join(dir, "masks"))
	require.ErrorContains(t, err, "have one name but for the extension; keep one of them")
	_, _, err = data.Pairs(filepath.Join(dir, "masks"), filepath.Join(dir, "other"))
	require.ErrorContains(t, err, "has a picture of the same name in")
	_, _, err = data.Pairs(filepath.Join(dir, "none"), filepath.Join(dir, "masks"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestReadMask(t *testing.T) {
	box := stdimage.Rect(0, 0, 3, 1)
	grey, palette := stdimage.NewGray(box), stdimage.NewPaletted(box, color.Palette{color.Black, color.White, color.Transparent})
	copy(grey.Pix, []uint8{0, 2, 255})
	copy(palette.Pix, []uint8{2, 1, 0})
	dir := tree(t, map[string]string{
		"grey.png": encoded(t, grey), "palette.png": encoded(t, palette), "rgb.png": encoded(t, stdimage.NewRGBA(box)), "16.png": encoded(t, stdimage.NewGray16(box)), "text.png": "text",
	})
	mask := func(name string, opt data.MaskOptions) ([]uint8, error) {
		m, err := data.ReadMask(filepath.Join(dir, name), opt)
		if err != nil {
			return nil, err
		}
		require.Equal(t, []int{1, 3}, []int{m.H, m.W})
		return m.Pix, nil
	}
	got, err := mask("grey.png", data.MaskOptions{Classes: 3, H: 1, W: 3})
	require.NoError(t, err)
	require.Equal(t, []uint8{0, 2, 255}, got)
	got, err = mask("grey.png", data.MaskOptions{Classes: 2, ZeroIgnored: true})
	require.NoError(t, err)
	require.Equal(t, []uint8{255, 1, 255}, got)
	got, err = mask("palette.png", data.MaskOptions{Classes: 3})
	require.NoError(t, err)
	require.Equal(t, []uint8{2, 1, 0}, got)
	classes := [256]uint8{7, 255, 1}
	got, err = mask("palette.png", data.MaskOptions{Classes: 8, Map: &classes})
	require.NoError(t, err)
	require.Equal(t, []uint8{1, 255, 7}, got)
	for want, err := range map[string]error{
		"grey.png: has 3×1 pixels, its picture has 4×2 (width×height)":                                     second(mask("grey.png", data.MaskOptions{Classes: 3, H: 2, W: 4})),
		"grey.png: the pixel in column 1, row 0 has the value 2, which is class 2: must be 0 to 1, or 255": second(mask("grey.png", data.MaskOptions{Classes: 2})),
		"the number of classes is 256: must be 1 to 255":                                                   second(mask("grey.png", data.MaskOptions{Classes: 256})),
		"rgb.png: is a PNG, colour with transparency, with 8 bits: want the class of each pixel":           second(mask("rgb.png", data.MaskOptions{Classes: 3})),
		"16.png: is a PNG, grey, with 16 bits: want the class of each pixel":                               second(mask("16.png", data.MaskOptions{Classes: 3})),
		"text.png: want a PNG file": second(mask("text.png", data.MaskOptions{Classes: 3})),
	} {
		require.ErrorContains(t, err, want)
	}
}

func second[T any](_ T, err error) error { return err }

func TestReadDepth(t *testing.T) {
	deep := stdimage.NewGray16(stdimage.Rect(0, 0, 2, 1))
	deep.SetGray16(1, 0, color.Gray16{2500})
	dir := tree(t, map[string]string{"deep.png": encoded(t, deep), "grey.png": "png:1"})
	d, err := data.ReadDepth(filepath.Join(dir, "deep.png"), data.Millimetres, 1, 2)
	require.NoError(t, err)
	require.Equal(t, []float32{0, 2.5}, d.Metres)
	_, err = data.ReadDepth(filepath.Join(dir, "deep.png"), data.Millimetres, 2, 2)
	require.ErrorContains(t, err, "deep.png: has 2×1 pixels, its picture has 2×2 (width×height)")
	_, err = data.ReadDepth(filepath.Join(dir, "grey.png"), data.KITTI, 0, 0)
	require.ErrorContains(t, err, "grey.png: is a PNG, grey, with 8 bits: want a depth for each pixel, in a grey PNG with 16 bits")
	_, err = data.ReadDepth(filepath.Join(dir, "deep.png"), 0, 0, 0)
	require.ErrorContains(t, err, "1 m is 0 in the file")
}

func TestCombine(t *testing.T) {
	base, err := data.Open(tree(t, map[string]string{"dog/1.png": "png:1", "cat/1.png": "png:2"}))
	require.NoError(t, err)
	more, err := data.Open(tree(t, map[string]string{"cow/1.png": "png:3", "dog/2.png": "png:4", "dog/x.txt": ""}))
	require.NoError(t, err)
	d, err := data.Combine(base, map[data.Part]*data.Dataset{data.Test: more})
	require.NoError(t, err)
	require.Equal(t, []string{"cat", "cow", "dog"}, d.Classes)
	require.Equal(t, []int{0, 1, 1}, d.Counts(data.Test))
	require.Equal(t, []int{1, 0, 1}, d.Counts(""))
	require.Equal(t, 1, d.LeftOut)
	_, err = data.Combine(d, map[data.Part]*data.Dataset{data.Test: more})
	require.ErrorContains(t, err, "has a part test already; leave out")
	_, err = data.Combine(base, map[data.Part]*data.Dataset{data.Val: d})
	require.ErrorContains(t, err, "is split into train, val or test; for the part val give the folder of one part")
}
