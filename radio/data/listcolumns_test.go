package data_test

import (
	"encoding/binary"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"cradio/radio/data"

	"github.com/stretchr/testify/require"
)

// TestListsAsTheyCome: lists whose columns have names of their own, from contests and other tools. Each names
// four pictures: a and b are cats, c and d dogs.
func TestListsAsTheyCome(t *testing.T) {
	type set struct {
		many  bool
		split string
		notes int
	}
	for name, c := range map[string]struct {
		text string
		in   string // the folder of the pictures
		set
	}{
		"ids.csv":              {"id,label\na,cat\nb,cat\nc,dog\nd,dog\n", "train/", set{notes: 2}},
		"ids here.csv":         {"id,breed\na,cat\nb,cat\nc,dog\nd,dog\n", "", set{notes: 1}},
		"Image Id.csv":         {"Image,Id\na.png,cat\nb.png,cat\nc.png,dog\nd.png,dog\n", "train/", set{notes: 2}},
		"split.csv":            {"image_path,species,set\na.png,cat,training\nb.png,cat,valid\nc.png,dog,testing\nd.png,dog,training\n", "", set{notes: 1, split: "train val test train"}},
		"pandas.csv":           {",photo,kind\n0,a.png,cat\n1,b.png,cat\n2,c.png,dog\n3,d.png,dog\n", "", set{notes: 1}},
		"one hot.csv":          {"image,cat,dog\na,1.0,0.0\nb,1.0,0.0\nc,0.0,1.0\nd,0.0,1.0\n", "photos/", set{notes: 2}},
		"many.csv":             {"image,cat,dog,set\na,1,0,train\nb,1,1,val\nc,0,1,val\nd,0,0,val\n", "", set{notes: 1, many: true, split: "train val val val"}},
		"bare.csv":             {"a.png,cat\nb.png,cat\nc.png,dog\nd.png,dog\n", "", set{notes: 1}},
		"bare.tsv":             {"a.png\tcat\nb.png\tcat\nc.png\tdog\nd.png\tdog\n", "", set{notes: 1}},
		"windows.csv":          {"path,label\r\nx\\a.png,cat\r\nx\\b.png,cat\r\nx\\c.png,dog\r\nx\\d.png,dog\r\n", "x/", set{}},
		"quoted.csv":           {`"a.png","cat"` + "\n" + `"b.png","cat"` + "\n" + `"c.png","dog"` + "\n" + `"d.png","dog"` + "\n", "", set{notes: 1}},
		"quoted ids.csv":       {`"","photo","kind"` + "\n" + `"1","a.png","cat"` + "\n" + `"2","b.png","cat"` + "\n" + `"3","c.png","dog"` + "\n" + `"4","d.png","dog"` + "\n", "", set{notes: 1}},
		"csv2.csv":             {`"path";"label"` + "\n" + `"a.png";"cat"` + "\n" + `"b.png";"cat"` + "\n" + `"c.png";"dog"` + "\n" + `"d.png";"dog"` + "\n", "", set{}},
		"mark.jsonl":           {"\ufeff{\"path\": \"a.png\", \"label\": 0}\r\n{\"path\": \"b.png\", \"label\": 0}\n{\"path\": \"c.png\", \"label\": 1}\n{\"path\": \"d.png\", \"label\": 1}\n", "", set{}},
		"little.csv":           {inUTF16("\ufeffpath,label\r\na.png,cat\r\nb.png,cat\r\nc.png,dog\r\nd.png,dog\r\n", binary.LittleEndian), "", set{}},
		"big.txt":              {inUTF16("\ufeffa.png cat\nb.png cat\nc.png dog\nd.png dog\n", binary.BigEndian), "", set{}},
		"lines.txt":            {"x/a.png cat\nx/b.png cat\n\nx/c.png\tdog\nx/d.png dog\n", "x/", set{}},
		"caffe.txt":            {"a.png 0\nb.png 0\nc.png 1\nd.png 1\n", "train/", set{notes: 1}},
		"lists/splits/rel.csv": {"path,label\nphotos/a.png,cat\nphotos/b.png,cat\nphotos/c.png,dog\nphotos/d.png,dog\n", "photos/", set{notes: 1}},
		"lists/bare.txt":       {"a.png cat\nb.png cat\nc.png dog\nd.png dog\n", "", set{notes: 1}},
		"fields.jsonl":         {"{\"image\": \"a\", \"label\": 0}\n{\"image\": \"b\", \"label\": 0}\n{\"image\": \"c\", \"label\": 1}\n{\"image\": \"d\", \"label\": 1}\n", "", set{}},
	} {
		files := map[string]string{name: c.text, "empty/x.txt": ""}
		for i, picture := range []string{"a", "b", "c", "d"} {
			files[c.in+picture+".png"] = fmt.Sprintf("png:%d", i)
		}
		dir := tree(t, files)
		d, err := data.Open(filepath.Join(dir, name))
		require.NoError(t, err, name)
		require.Len(t, d.Notes, c.notes, name)
		require.Len(t, d.Classes, 2, name)
		require.Equal(t, c.many, d.MultiLabel, name)
		require.Equal(t, filepath.Join(dir, filepath.FromSlash(c.in), "a.png"), d.Items[0].Path, name)
		var parts []string
		for i, item := range d.Items {
			require.FileExists(t, item.Path, name)
			if !c.many {
				require.Equal(t, []int{i / 2}, item.Labels, name)
			}
			parts = append(parts, string(item.Part))
		}
		require.Equal(t, c.split, strings.TrimSpace(strings.Join(parts, " ")), name)
		if c.many {
			require.Equal(t, [][]int{{0}, {0, 1}, {1}, nil}, [][]int{d.Items[0].Labels, d.Items[1].Labels, d.Items[2].Labels, d.Items[3].Labels})
		}
		lines, _ := d.Report()
		require.Subset(t, lines, d.Notes)
	}
}

func inUTF16(text string, order binary.AppendByteOrder) string {
	var b []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, unit)
	}
	return string(b)
}

// TestListsThatStayUnclear: what could be a label in more than one way, or is none, is refused.
func TestListsThatStayUnclear(t *testing.T) {
	for text, want := range map[string]string{
		"id,sex,age\na,m,1\nb,f,2\n":                     `has the columns ["id" "sex" "age"]: want path, and either label or labels`, // which?
		"image,caption\na.png,a cat\nb.png,two\n":        "want path, and either label or labels",                                     // captions do not repeat
		"first,second,label\na.png,b.png,x\na.png,b,x\n": "want path, and either label or labels",                                     // two pictures a line
		"id,label\ny,cat\nz,cat\n":                       "want path, and either label or labels",                                     // no such picture
		"id,label\nin,cat\nin,cat\n":                     "want path, and either label or labels",                                     // in two folders
	} {
		dir := tree(t, map[string]string{"x.csv": text, "a.png": "png:1", "b.png": "png:2", "p/in.png": "png:3", "q/in.png": "png:4"})
		_, err := data.Open(filepath.Join(dir, "x.csv"))
		require.ErrorContains(t, err, want, text)
	}
	// Classes that are called as parts are no split.
	dir := tree(t, map[string]string{"x.csv": "id,label\na,train\nb,train\n", "a.png": "png:1", "b.png": "png:2"})
	d, err := data.Open(filepath.Join(dir, "x.csv"))
	require.NoError(t, err)
	require.Equal(t, []string{"train"}, d.Classes)
	require.False(t, d.HasParts())
	dir = tree(t, map[string]string{"x.txt": "a.png cat\nb.png\n"})
	_, err = data.Open(filepath.Join(dir, "x.txt"))
	require.ErrorContains(t, err, "x.txt: line 2: label: is missing: want a path, a space and a label")
}
