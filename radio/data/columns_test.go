package data_test

import (
	"path/filepath"
	"strings"
	"testing"

	"cradio/radio/data"

	"github.com/stretchr/testify/require"
)

// named are the pictures of a set: path label part, below the folder.
func named(t *testing.T, dir string, d *data.Dataset) string {
	t.Helper()
	var all []string
	for _, item := range d.Items {
		path, err := filepath.Rel(dir, item.Path)
		require.NoError(t, err)
		var labels []string
		for _, l := range item.Labels {
			labels = append(labels, d.Classes[l])
		}
		all = append(all, strings.TrimSpace(filepath.ToSlash(path)+" "+strings.Join(labels, ";")+" "+string(item.Part)))
	}
	return strings.Join(all, ", ")
}

// Lists with columns of any names, which are given by names or numbers.
func TestColumns(t *testing.T) {
	pictures := map[string]string{"pictures/a.jpg": "", "pictures/b.jpg": ""}
	for _, c := range []struct {
		name, text string
		given      data.Columns
		want       string
	}{
		{"x.csv", "lesion,image_id,dx,age\n1,a,mel,3\n2,b,nv,4\n", data.Columns{Path: "image_id", Label: "dx"}, "pictures/a.jpg mel, pictures/b.jpg nv"},
		{"x.csv", "lesion;image_id;DX;age\n1;a;mel;3\n2;b;nv;4\n", data.Columns{Label: "dx"}, "pictures/a.jpg mel, pictures/b.jpg nv"},
		{"x.csv", "label,file,breed,fold\n0,a,x y,train\n1,b,z,val\n", data.Columns{Label: "breed", Split: "4"}, "pictures/a.jpg x y train, pictures/b.jpg z val"},
		{"x.csv", "label,file,breed\n0,a,x;y\n1,b,\n", data.Columns{Labels: "breed"}, "pictures/a.jpg x;y, pictures/b.jpg"},
		{"x.csv", "image,Finding Labels\na,x y|z\nb,z\n", data.Columns{Labels: "Finding Labels"}, "pictures/a.jpg x y;z, pictures/b.jpg z"},
		{"x.csv", "image,labels\na,x|y;z\nb,z\n", data.Columns{}, "pictures/a.jpg x|y;z, pictures/b.jpg z"},
		{"x.csv", "image_name,tags\na,haze primary\nb,haze\n", data.Columns{Separator: " "}, "pictures/a.jpg haze;primary, pictures/b.jpg haze"},
		{"x.csv", "7,a,mel\n8,b,nv\n", data.Columns{Path: "2", Label: "3"}, "pictures/a.jpg mel, pictures/b.jpg nv"},
		{"x.csv", "7,a,mel\n8,b,nv\n", data.Columns{Label: "3"}, "pictures/a.jpg mel, pictures/b.jpg nv"},
		{"x.csv", "3,path,2\na,a,mel\nb,b,nv\n", data.Columns{Label: "2"}, "pictures/a.jpg mel, pictures/b.jpg nv"},
		{"x.txt", "# name class species\na 1 9\n\nb 2 9\n", data.Columns{Label: "2"}, "pictures/a.jpg 1, pictures/b.jpg 2"},
		{"x.txt", "a  1 9\nb\t2 9\n", data.Columns{Label: "3"}, "pictures/a.jpg 9, pictures/b.jpg 9"},
		{"x.txt", "name class species\na.jpg 1 9\nb.jpg 2 9\n", data.Columns{Path: "name", Label: "class"}, "pictures/a.jpg 1, pictures/b.jpg 2"},
		{"x.jsonl", `{"path": 1, "id": "a.jpg", "label": "x", "kind": "y"}`, data.Columns{Path: "id", Label: "kind"}, "pictures/a.jpg y"},
	} {
		files := map[string]string{c.name: c.text}
		for name, text := range pictures {
			files[name] = text
		}
		dir := tree(t, files)
		d, err := c.given.Open(filepath.Join(dir, c.name))
		require.NoError(t, err, c.text)
		require.Equal(t, c.want, named(t, dir, d), c.text)
	}
}

func TestColumnsThatAreNone(t *testing.T) {
	dir := tree(t, map[string]string{
		"x.csv": "image_id,dx,age\na,mel,3\n", "y.txt": "a 1 2 3\nb 2 3 4\n", "a.jpg": "", "b.jpg": "",
		"classes/cat/1.jpg": "", "classes/dog/1.jpg": "",
	})
	for want, f := range map[string]func() error{
		`x.csv: line 1: has the columns ["image_id" "dx" "age"]: none is "id", which was given for path: name the columns`:              func() error { return second(data.Columns{Path: "id"}.Open(filepath.Join(dir, "x.csv"))) },
		`x.csv: line 1: has the columns ["image_id" "dx" "age"]: none is "4", which was given for label`:                                func() error { return second(data.Columns{Label: "4"}.Open(filepath.Join(dir, "x.csv"))) },
		`y.txt: line 1: has the columns ["a" "1" "2" "3"]: want path, and either label or labels; the label may be "column 2", "column`: func() error { return second(data.Open(filepath.Join(dir, "y.txt"))) },
	} {
		err := f()
		require.ErrorContains(t, err, want)
		require.ErrorIs(t, err, data.ErrColumns)
	}
	_, err := data.Columns{Label: "dx"}.Open(filepath.Join(dir, "classes"))
	require.ErrorContains(t, err, "classes: is a folder of classes: columns are for lists")
}

// What is in the folder of a list, or around it, and called as a mask, is none of its pictures.
func TestListBesideMasks(t *testing.T) {
	for list, where := range map[string]string{
		"annotations/list.txt":         "images/a.jpg",     // Oxford's pets
		"ImageSets/Main/train.txt":     "JPEGImages/a.jpg", // Pascal VOC
		"list.txt":                     "images/a.jpg",
		"splits/fold/1/../0/train.txt": "splits/images/a.jpg",
	} {
		dir := tree(t, map[string]string{
			list: "a 1 2\n", where: "", "annotations/trimaps/a.png": "", "SegmentationClass/a.png": "", "splits/masks/a.png": "",
		})
		d, err := data.Columns{Label: "2"}.Open(filepath.Join(dir, list))
		require.NoError(t, err)
		require.Equal(t, where+" 1", named(t, dir, d))
		require.Len(t, d.Notes, 2)
	}
	dir := tree(t, map[string]string{"list.txt": "a 1\n", "masks/a.png": ""})
	d, err := data.Open(filepath.Join(dir, "list.txt"))
	require.NoError(t, err)
	require.Equal(t, "a 1", named(t, dir, d), "a file that is not there, which Read says")
}

// Parts whose pictures are in no folders of classes.
func TestUnsorted(t *testing.T) {
	files := func(more map[string]string) string {
		all := map[string]string{"train/cat/images/1.jpg": "", "train/dog/images/2.jpg": "", "train/dog/boxes.txt": "x"}
		for name, text := range more {
			all[name] = text
		}
		return tree(t, all)
	}
	const train = "train/cat/images/1.jpg cat train, train/dog/images/2.jpg dog train"
	for _, c := range []struct {
		files      map[string]string
		want, note string
	}{
		{map[string]string{"val/val_annotations.txt": "v.JPEG\tdog\t0\t0\t62\t44\n", "val/images/v.JPEG": ""}, ", val/images/v.JPEG dog val", "val/val_annotations.txt: its pictures are in "},
		{map[string]string{"val/labels.csv": "id,x,breed\nv,4,dog\n", "val/v.jpg": ""}, ", val/v.jpg dog val", `the path is "id", the label is "breed"`},
		{map[string]string{"test/images/v.JPEG": "", "test/images/w.JPEG": ""}, "", "test/images: left out: 2 pictures in no folders of classes, which no list describes"},
		{map[string]string{"test/v.JPEG": ""}, "", "test: left out: 1 picture in no folders of classes"},
	} {
		dir := files(c.files)
		d, err := data.Open(dir)
		require.NoError(t, err)
		require.Equal(t, train+c.want, named(t, dir, d))
		require.Contains(t, strings.Join(d.Notes, "\n"), c.note)
	}
	for want, more := range map[string]map[string]string{
		"val: has the lists a.csv, b.txt, and no folders of classes":  {"val/a.csv": "path,label\n1.jpg,cat\n", "val/b.txt": "1.jpg cat\n", "val/1.jpg": ""},
		"test: has no pictures; remove it, or add a folder for each":  {"test/x.json": ""},
		"val/images: has no pictures":                                 {"val/images/x.json": "", "val/cat/x.jpg": ""},
		"val/labels.csv: line 1: has the columns [\"id\" \"x\" \"y\"": {"val/labels.csv": "id,x,y\nv,4,5\nw,5,4\n", "val/v.jpg": "", "val/w.jpg": ""},
	} {
		_, err := data.Open(files(more))
		require.ErrorContains(t, err, want)
	}
}
