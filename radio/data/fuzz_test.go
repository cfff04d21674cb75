package data_test

import (
	"bytes"
	stdimage "image"
	"image/color"
	"image/gif"
	"image/png"
	"io"
	"testing"

	"cradio/radio/data"

	"github.com/stretchr/testify/require"
	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

func FuzzList(f *testing.F) {
	f.Add("path,label\na.png,cat\n", "csv")
	f.Add("path,labels,split\na.png,cat;dog,train\n", "csv")
	f.Add("path,labels\na.png,\nb.png,dog\n", "csv")
	f.Add("File_Name;Class\na.png;cat\n", "csv")
	f.Add("image\ttags\na.png\t\"cat\";dog\n", "csv")
	f.Add(`{"path": "a.png", "label": 3}`, "jsonl")
	f.Add(`{"path": "a.png", "labels": ["x"], "split": "val"}`, "jsonl")
	f.Add("path,species,set\na.png,cat,train\nb.png,cat,test\n", "csv")
	f.Add("path,cat,dog\na.png,0,1\nb.png,1,1.0\n", "csv")
	f.Add("a b.png 1\nc.png\t0\n", "txt")
	f.Add("# path class\na.png 1 2\n\nb.png 2 2\n", "txt")
	f.Fuzz(func(t *testing.T, text, kind string) {
		if kind != "jsonl" && kind != "txt" {
			kind = "csv"
		}
		path := "x." + kind
		for _, g := range []data.Columns{{Path: "1", Label: "2"}, {Labels: "labels", Split: "3"}} {
			if d, err := g.Parse(path, []byte(text), false); err == nil {
				require.NotEmpty(t, d.Items)
			}
		}
		d, err := data.ParseList(path, []byte(text))
		if err != nil {
			require.Contains(t, err.Error(), path)
			return
		}
		for _, item := range d.Items {
			require.True(t, d.MultiLabel || len(item.Labels) == 1, "one label, or a set of several")
			for _, l := range item.Labels {
				require.Less(t, l, len(d.Classes))
			}
		}
	})
}

// FuzzPairList: each picture has a path and a target.
func FuzzPairList(f *testing.F) {
	f.Add("image,mask,split\na.png,b.png,train\n", "csv")
	f.Add("depth\tpath\na\\b.png\tc\n", "csv")
	f.Add("a b.png c.png\nd\te\n", "txt")
	f.Fuzz(func(t *testing.T, text, kind string) {
		if kind != "txt" {
			kind = "csv"
		}
		d, err := data.ParsePairs("x."+kind, []byte(text), false)
		if err != nil {
			require.Contains(t, err.Error(), "x."+kind)
			return
		}
		for _, item := range d.Items {
			require.NotEmpty(t, item.Path)
			require.NotEmpty(t, item.Target)
		}
	})
}

// FuzzPartList: a name is in one part.
func FuzzPartList(f *testing.F) {
	f.Add("a\nb c\n", "d.jpg\n")
	f.Add(".jpg", "")
	f.Add("\ufeffx/a.png 1 2\r\n", "y\\a\n\n")
	f.Fuzz(func(t *testing.T, train, val string) {
		parts := map[string]data.Part{}
		require.NoError(t, data.ParsePart("train.txt", nil, data.Train, parts))
		if err := data.ParsePart("train.txt", []byte(train), data.Train, parts); err != nil {
			require.Contains(t, err.Error(), "train.txt: line ")
			return
		}
		n := len(parts)
		if err := data.ParsePart("val.txt", []byte(val), data.Val, parts); err != nil {
			require.Contains(t, err.Error(), "val.txt: line ")
			return
		}
		for name, part := range parts {
			require.NotEmpty(t, name)
			if part == data.Train {
				n--
			}
		}
		require.Zero(t, n, "names of train stay there")
	})
}

// FuzzMask: any file is a mask or an error.
func FuzzMask(f *testing.F) {
	var b bytes.Buffer
	for _, img := range []stdimage.Image{stdimage.NewGray(stdimage.Rect(0, 0, 2, 2)), stdimage.NewPaletted(stdimage.Rect(0, 0, 2, 2), color.Palette{color.Black})} {
		b.Reset()
		if err := png.Encode(&b, img); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	for _, contents := range otherMasks(f) {
		f.Add([]byte(contents))
	}
	f.Add([]byte(bits(0b01000000)))
	f.Fuzz(func(t *testing.T, contents []byte) {
		for _, config := range []func(io.Reader) (stdimage.Config, error){png.DecodeConfig, gif.DecodeConfig, bmp.DecodeConfig, tiff.DecodeConfig} {
			if c, err := config(bytes.NewReader(contents)); err == nil && c.Width*c.Height > 1<<20 {
				return // it would be slow, not wrong
			}
		}
		m, err := data.DecodeMask("x.png", contents, data.MaskOptions{Classes: 5})
		if err == nil {
			require.Len(t, m.Pix, m.H*m.W)
		}
	})
}

// FuzzClassMap: what is read is written so that it is read again.
func FuzzClassMap(f *testing.F) {
	f.Add("0:0,255:1")
	f.Add("#ff8000:2\n#000000:1")
	f.Add("name,r,g,b\nCar,64,0,128\n\"a sky\", 128,128, 128\n")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := data.ParseClassMap(text)
		if err != nil {
			require.NotContains(t, err.Error(), "\n")
			return
		}
		again, err := data.ParseClassMap(m.String())
		require.NoError(t, err)
		require.Equal(t, m.Classes(), again.Classes())
		require.Equal(t, m.String(), again.String())
		require.LessOrEqual(t, m.Classes(), data.Ignored)
	})
}
