package data_test

import (
	"path/filepath"
	"strings"
	"testing"

	"cradio/radio/data"

	"github.com/stretchr/testify/require"
)

func TestLists(t *testing.T) {
	dir := tree(t, map[string]string{
		"one.csv":    "\ufeffpath,label,note\na.png,cat,x\n\"b,1.png\",dog,\n",
		"many.csv":   "path,labels,split\na.png,cat;dog,train\nb.png,dog; dog,test\n",
		"one.jsonl":  "{\"path\": \"a.png\", \"label\": 10}\n\n{\"path\": \"/b.png\", \"label\": 9, \"more\": [1]}\n",
		"many.jsonl": `{"path": "a.png", "labels": ["x", "y"], "split": "val"}`,
		"none.csv":   "path,labels\na.png,cat\nb.png,\n",
		"none.jsonl": "{\"path\": \"a.png\", \"labels\": []}\n{\"path\": \"b.png\", \"labels\": [\"cat\"]}\n",
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
	for name, bare := range map[string]int{"none.csv": 1, "none.jsonl": 0} {
		d, err = data.Open(filepath.Join(dir, name))
		require.NoError(t, err)
		require.Equal(t, []string{"cat"}, d.Classes)
		require.Empty(t, d.Items[bare].Labels)
		require.Equal(t, []int{0}, d.Items[1-bare].Labels)
	}
}

// TestUnknownLabels: a list says of which classes it is not known whether a picture has them, and a set that
// is combined of several keeps it.
func TestUnknownLabels(t *testing.T) {
	dir := tree(t, map[string]string{
		"a.csv":   "path,labels,unknown\na.png,cat,dog; bird\nb.png,dog;bird,\nc.png,,cat\n",
		"a.jsonl": "{\"path\": \"a.png\", \"labels\": [\"cat\"], \"unknown\": [\"dog\", \"bird\", \"dog\"]}\n{\"path\": \"b.png\", \"labels\": [\"dog\", \"bird\"]}\n{\"path\": \"c.png\", \"labels\": [], \"unknown\": [\"cat\"]}\n",
		"b.csv":   "path,labels\nd.png,ant\n",
	})
	other, err := data.Open(filepath.Join(dir, "b.csv"))
	require.NoError(t, err)
	for _, name := range []string{"a.csv", "a.jsonl"} {
		d, err := data.Open(filepath.Join(dir, name))
		require.NoError(t, err)
		require.Equal(t, []string{"bird", "cat", "dog"}, d.Classes)
		require.Equal(t, [][]int{{0, 2}, nil, {1}}, [][]int{d.Items[0].Unknown, d.Items[1].Unknown, d.Items[2].Unknown})
		lines, _ := d.Report()
		require.Contains(t, strings.Join(lines, "\n"), "; 3 labels are not known")
		d, err = data.Combine(d, map[data.Part]*data.Dataset{data.Test: other})
		require.NoError(t, err)
		require.Equal(t, []string{"ant", "bird", "cat", "dog"}, d.Classes)
		require.Equal(t, []int{1, 3}, d.Items[0].Unknown)
	}
}

// TestUnknownBesideOneLabel: a column of that name has no meaning where a picture has one label.
func TestUnknownBesideOneLabel(t *testing.T) {
	for name, text := range map[string]string{
		"a.csv":   "path,label,unknown\na.png,cat,3\n",
		"a.jsonl": `{"path": "a.png", "label": "cat", "unknown": true}`,
	} {
		d, err := data.Open(filepath.Join(tree(t, map[string]string{name: text}), name))
		require.NoError(t, err)
		require.Equal(t, []string{"cat"}, d.Classes)
		require.Empty(t, d.Items[0].Unknown)
	}
}

// TestListsOfOthers: names of columns, separators and nulls as other tools write them.
func TestListsOfOthers(t *testing.T) {
	for name, text := range map[string]string{
		"excel.csv":     "\ufeffPath;Label;\r\na.png;cat;\r\nb.png;dog;\r\n",
		"keras.csv":     "filename,class\na.png,cat\nb.png,dog\n",
		"contest.csv":   ",image,category,set,note\n0,a.png,1,x,y\n1,b.png,2,x,y\n",
		"tabs.tsv":      "file_name\tlabel\tcaption\na.png\tcat\t5\" wide, \"red\"\nb.png\tdog\t\n",
		"hub.jsonl":     "{\"file_name\": \"a.png\", \"label\": 0, \"class\": \"x\", \"split\": null}\n{\"file_name\": \"b.png\", \"label\": 1}\n",
		"several.csv":   "path;Labels\na.png;\"cat;dog\"\nb.png;dog\n",
		"precedes.csv":  "image,path,label,class\nx.png,a.png,cat,1\ny.png,b.png,dog,2\n",
		"several.jsonl": "{\"image\": \"a.png\", \"tags\": [\"cat\", \"dog\"], \"label\": null}\n{\"image\": \"b.png\", \"tags\": [\"dog\"]}\n",
	} {
		dir := tree(t, map[string]string{name: text})
		d, err := data.Open(filepath.Join(dir, name))
		require.NoError(t, err, name)
		require.Equal(t, strings.HasPrefix(name, "several"), d.MultiLabel, name)
		require.Len(t, d.Classes, 2, name)
		require.Len(t, d.Items, 2, name)
		require.Equal(t, filepath.Join(dir, "a.png"), d.Items[0].Path, name)
		require.Equal(t, []int{1}, d.Items[1].Labels, name)
	}
}

// TestMetadata: folders of pictures with a list, as Hugging Face's ImageFolder has them.
func TestMetadata(t *testing.T) {
	dir := tree(t, map[string]string{
		"train/metadata.csv":  "file_name,label,split\na.png,cat,test\nb/c.png,dog,test\n",
		"train/a.png":         "png:1",
		"test/metadata.jsonl": "{\"file_name\": \"d.png\", \"label\": \"cat\"}\n",
		"README.md":           "",
	})
	d, err := data.Open(dir)
	require.NoError(t, err)
	require.Equal(t, []string{"cat", "dog"}, d.Classes)
	require.Equal(t, []string{filepath.Join(dir, "train", "a.png"), filepath.Join(dir, "train", "b", "c.png"), filepath.Join(dir, "test", "d.png")},
		[]string{d.Items[0].Path, d.Items[1].Path, d.Items[2].Path})
	require.Equal(t, []data.Part{data.Train, data.Train, data.Test}, []data.Part{d.Items[0].Part, d.Items[1].Part, d.Items[2].Part})
	dir = tree(t, map[string]string{"metadata.csv": "file_name,label\na.png,cat\n", "a.png": "png:1"})
	d, err = data.Open(dir)
	require.NoError(t, err)
	require.Equal(t, filepath.Join(dir, "a.png"), d.Items[0].Path)
	_, err = data.Open(tree(t, map[string]string{"train/metadata.csv": "file_name,text\na.png,cat\n"}))
	require.ErrorContains(t, err, filepath.Join("train", "metadata.csv")+`: line 1: has the columns ["file_name" "text"]: want path, and either label or labels`)
}

func TestListErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "x.csv: line 1: want a header with the columns path and label",
		"id,label\na,b\n":                 `x.csv: line 1: has the columns ["id" "label"]: want path, and either label or labels`,
		"image,img,label\na,b,c\n":        `x.csv: line 1: "image" and "img" may both mean path: call one of them path`,
		"path,class,tags,category\na,b\n": `x.csv: line 1: "class" and "category" may both mean label: call one of them label`,
		"path,class,tags\na,b,c\n":        "want path, and either label or labels",
		"path,Label,label\na,b,c\n":       "x.csv: line 1: label: is there twice",
		"path,label,labels\na,b,c\n":      "want path, and either label or labels",
		"path,label,path\n":               "x.csv: line 1: path: is there twice",
		"path,label\n":                    "x.csv: lists no pictures",
		"path,label\na.png,\n":            "x.csv: line 2: label: is empty; give a label, or remove the line",
		"path,labels\na.png,\nb.png, ;\n": "x.csv: no picture has a label",
		"path,label\n\n,cat\n":            "x.csv: line 3: path: is empty",
		"path,label\na,b,c\n":             "line 2",
		"path,label\n\"a,b\n":             "line 2",
		"path,label,split\na,b,dev\n":     `x.csv: line 2: split: is "dev": must be train, val or test`,
		"path,label,split\na,b,\n":        "x.csv: line 2: split: is empty",
		"path,label\na\x00,b\n":           "x.csv: line 2: path: is no path",
		"path,label\na,b\nc,gr\xfcn\n":    `x.csv: line 3: label: the label "gr\xfcn" is not in UTF-8: save the list in that encoding`,
		`"path"x,label`:                   "x.csv: line 1: want a header with the columns path and label",
		"path,labels,unknown\na,b,c\n":    `unknown names the class "c", and no picture has it: is it spelled as in labels?`,
		"path,labels,unknown\na,b;c,c\n":  `the class "c" is in labels and in unknown; remove it from one of them`,
		"path,labels,unknown\na,b," + strings.Repeat("c", 5000): "x.csv: line 2: unknown: has a label of 5000 bytes",
		"path,label\na," + strings.Repeat("b", 5000):            "x.csv: line 2: label: has a label of 5000 bytes",
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
		`{"path": "a", "labels": ["x"], "unknown": true}`:                                      "x.jsonl: line 1: unknown: must be a list of labels",
		`{"path": "a", "label": "x", "label": "y"}`:                                            "line 1: want",
		"{\"path\": \"a\", \"label\": 1}\n{\"path\": \"b\", \"labels\": [1]}":                  "x.jsonl: line 2: label: is missing: all lines have the same field",
		"{\"path\": \"a\", \"label\": 1}\n{\"path\": \"b\", \"label\": 1, \"split\": \"val\"}": "x.jsonl: 1 of 2 pictures have a split; give it to all, or to none",
		`{"path": "a", "label": "` + strings.Repeat("b", 1<<20) + `"}`:                         "must be at most 1048576",
	} {
		_, err := data.Open(filepath.Join(tree(t, map[string]string{"x.jsonl": text}), "x.jsonl"))
		require.ErrorContains(t, err, want)
	}
}
