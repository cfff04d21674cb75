package data_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cradio/radio/data"

	"github.com/stretchr/testify/require"
)

// paired lists what Paired finds: picture mask part, below the folder.
func paired(t *testing.T, files string, p data.Pairing) (found string, alone, unlisted []string, err error) {
	t.Helper()
	content := map[string]string{}
	for name := range strings.FieldsSeq(files) {
		name, text, _ := strings.Cut(name, "=")
		content[name] = strings.ReplaceAll(text, ",", "\n")
	}
	dir := tree(t, content)
	inside := func(path string) string {
		name, err := filepath.Rel(dir, path)
		require.NoError(t, err)
		return filepath.ToSlash(name)
	}
	if p.Usual == nil {
		p.Usual = data.UsualMasks()
	}
	d, alone, unlisted, err := data.Paired(dir, p)
	if err != nil {
		return "", nil, nil, err
	}
	var all []string
	for _, item := range d.Items {
		all = append(all, strings.TrimSpace(inside(item.Path)+" "+inside(item.Target)+" "+string(item.Part)))
	}
	return strings.Join(all, "; "), alone, unlisted, nil
}

// TestPaired: the layouts of common data sets.
func TestPaired(t *testing.T) {
	for name, c := range map[string]struct {
		files string
		p     data.Pairing
		want  string
	}{
		"ours":     {"images/1.jpg masks/1.png", data.Pairing{}, "images/1.jpg masks/1.png"},
		"ADE20K":   {"images/training/1.jpg images/validation/2.jpg annotations/training/1.png annotations/validation/2.png", data.Pairing{}, "images/training/1.jpg annotations/training/1.png train; images/validation/2.jpg annotations/validation/2.png val"},
		"mmseg":    {"img_dir/train/1.jpg img_dir/val/2.jpg ann_dir/train/1.png ann_dir/val/2.png", data.Pairing{}, "img_dir/train/1.jpg ann_dir/train/1.png train; img_dir/val/2.jpg ann_dir/val/2.png val"},
		"COCO":     {"images/train2017/1.jpg images/val2017/2.jpg annotations/train2017/1.png annotations/val2017/2.png", data.Pairing{}, "images/train2017/1.jpg annotations/train2017/1.png train; images/val2017/2.jpg annotations/val2017/2.png val"},
		"inside":   {"Train/images/1.jpg Train/masks/1.png test/images/2.jpg test/masks/2.png", data.Pairing{}, "Train/images/1.jpg Train/masks/1.png train; test/images/2.jpg test/masks/2.png test"},
		"no parts": {"images/train/1.jpg images/2.jpg masks/train/1.png masks/2.png", data.Pairing{}, "images/2.jpg masks/2.png; images/train/1.jpg masks/train/1.png"},
		"named":    {"images/1.jpg masks/1.png pictures/2.jpg", data.Pairing{Pictures: "pictures", Targets: "masks"}, ""},
		"one named": {"JPEGImages/1.jpg SegmentationClass/1.png SegmentationObject/1.png", data.Pairing{Targets: "SegmentationClass"},
			"JPEGImages/1.jpg SegmentationClass/1.png"},
		"Cityscapes": {"leftImg8bit/train/a/a_1_leftImg8bit.png leftImg8bit/val/b/b_2_leftImg8bit.png gtFine/train/a/a_1_gtFine_labelIds.png gtFine/train/a/a_1_gtFine_color.png gtFine/val/b/b_2_gtFine_labelIds.png gtFine/val/b/b_2_gtFine_color.png",
			data.Pairing{PictureEnding: "_leftImg8bit", TargetEnding: "_gtFine_labelIds"},
			"leftImg8bit/train/a/a_1_leftImg8bit.png gtFine/train/a/a_1_gtFine_labelIds.png train; leftImg8bit/val/b/b_2_leftImg8bit.png gtFine/val/b/b_2_gtFine_labelIds.png val"},
		"VOC": {"JPEGImages/1.jpg JPEGImages/2.jpg JPEGImages/3.jpg SegmentationClass/1.png SegmentationClass/2.png SegmentationClass/3.png lists/train.txt=1, lists/val.txt=2,", data.Pairing{Lists: "lists"},
			"JPEGImages/1.jpg SegmentationClass/1.png train; JPEGImages/2.jpg SegmentationClass/2.png val"},
		"CamVid": {"images/a_L.png images/b_L.png masks/a.png masks/b.png lists/trainval.txt=a_L.png lists/test.txt=images/b.jpg", data.Pairing{Lists: "lists", PictureEnding: "_L"},
			"images/a_L.png masks/a.png train; images/b_L.png masks/b.png test"},
	} {
		got, _, _, err := paired(t, c.files, c.p)
		if c.want == "" {
			require.ErrorIs(t, err, data.ErrNoPairs, name)
			continue
		}
		require.NoError(t, err, name)
		require.Equal(t, c.want, got, name)
	}
	_, alone, unlisted, err := paired(t, "images/1.jpg images/2.jpg images/3.jpg masks/1.png masks/2.png lists/train.txt=1", data.Pairing{Lists: "lists"})
	require.NoError(t, err)
	require.Len(t, alone, 1)
	require.Equal(t, "3.jpg", filepath.Base(alone[0]))
	require.Len(t, unlisted, 1)
	require.Equal(t, "2.jpg", filepath.Base(unlisted[0]))
}

// TestPairedErrors: each says what was wanted and what is there.
func TestPairedErrors(t *testing.T) {
	for _, c := range []struct {
		files string
		p     data.Pairing
		want  string
	}{
		{"a/1.jpg b/1.png", data.Pairing{}, "want the folders images and masks, there or below train, val and test; it has the folders a, b"},
		{"a/1.jpg b/1.png", data.Pairing{Targets: "c"}, "want the folders images and c, "},
		{"images/1.jpg masks/1.png lists/x.txt=1", data.Pairing{Lists: "lists"}, "lists: want train.txt, val.txt or test.txt, with the name of a picture in each line"},
		{"images/1.jpg masks/1.png lists/train.txt=2", data.Pairing{Lists: "lists"}, "lists: its lists name none of the 1 picture, such as 1.jpg"},
		{"images/1.jpg masks/1.png lists/train.txt=1 lists/test.txt=2,1", data.Pairing{Lists: "lists"}, "test.txt: line 2: 1 is in train too; keep it in one of them"},
	} {
		_, _, _, err := paired(t, c.files, c.p)
		require.ErrorContains(t, err, c.want)
	}
	_, _, _, err := paired(t, "a/1.jpg", data.Pairing{})
	require.ErrorIs(t, err, os.ErrNotExist)
}

// TestPairList: pictures and masks that a list names.
func TestPairList(t *testing.T) {
	for name, text := range map[string]string{
		"a.csv": "image,mask,split\nx/1.png,y/1.png,train\nx/2.png,y/2.png,val\n",
		"b.tsv": "split\tpath\tdepth\ntrain\tx\\1.png\ty\\1.png\nvalid\tx\\2.png\ty\\2.png\n",
		"c.csv": "\"filename\";\"annotation\";\"split\"\n1;y/1;training\n2;y/2;validation\n",
		"d.txt": "x/1.png y/1.png\nx/2.png\ty/2.png\n",
	} {
		files := map[string]string{name: text, "x/1.png": "png:1", "x/2.png": "png:2", "y/1.png": "png:3", "y/2.png": "png:4"}
		if name == "c.csv" {
			delete(files, "x/1.png")
			files["1.png"], files["2.png"] = "png:1", "png:2"
		}
		dir := tree(t, files)
		d, alone, unlisted, err := data.Paired(filepath.Join(dir, name), data.Pairing{})
		require.NoError(t, err, name)
		require.Empty(t, alone)
		require.Empty(t, unlisted)
		require.Len(t, d.Items, 2)
		for i, item := range d.Items {
			require.FileExists(t, item.Path, name)
			require.Equal(t, filepath.Join(dir, "y", []string{"1.png", "2.png"}[i]), item.Target, name)
			if name != "d.txt" {
				require.Equal(t, []data.Part{data.Train, data.Val}[i], item.Part, name)
			}
		}
	}
	// Lists of NYU and KITTI: a / in front, a focal length, None where nothing was measured.
	dir := tree(t, map[string]string{
		"nyu.txt": "\n/k/rgb_1.jpg /k/depth_1.png 518.8\n/k/rgb_2.jpg None 518.8\n", "k/rgb_1.jpg": "", "k/rgb_2.jpg": "", "k/depth_1.png": "",
		"spaces.txt": "a b.jpg c.png\na b 2.jpg c.png\n", "images/a b.jpg": "", "images/a b 2.jpg": "", "masks/c.png": "", "gtFine/d.png": "",
	})
	d, err := data.PairList(filepath.Join(dir, "nyu.txt"))
	require.NoError(t, err)
	require.Len(t, d.Items, 1)
	require.Equal(t, [2]string{filepath.Join(dir, "k/rgb_1.jpg"), filepath.Join(dir, "k/depth_1.png")}, [2]string{d.Items[0].Path, d.Items[0].Target})
	require.Equal(t, []string{filepath.Join(dir, "nyu.txt") + ": 1 picture without a mask or depth map (None)"}, d.Notes)
	d, err = data.PairList(filepath.Join(dir, "spaces.txt"))
	require.NoError(t, err)
	require.Equal(t, [2]string{filepath.Join(dir, "images/a b 2.jpg"), filepath.Join(dir, "masks/c.png")}, [2]string{d.Items[1].Path, d.Items[1].Target})
	require.Contains(t, d.Notes[1], "its masks or depth maps are in ")
	for name, c := range map[string][2]string{
		"a.csv":   {"image,tag\na,b\n", `a.csv: line 1: has the columns ["image" "tag"]: want path, and mask or depth`},
		"b.csv":   {"image,mask\n", "b.csv: lists no pictures"},
		"c.csv":   {"image,mask,split\na,b,dev\n", `c.csv: line 2: split: is "dev": must be train, val or test`},
		"d.csv":   {"image,mask\na,\n", "d.csv: line 2: mask: is no path"},
		"e.txt":   {"a.png\n", "e.txt: line 1: mask: is missing"},
		"g.csv":   {"image,mask,split\na,b,train\nc,d,\n", "g.csv: 1 of 2 pictures have a split; give it to all, or to none"},
		"f.jsonl": {"{}", "f.jsonl: want a list of pictures with masks or depth maps as .csv, .tsv or .txt"},
	} {
		_, err := data.PairList(filepath.Join(tree(t, map[string]string{name: c[0]}), name))
		require.ErrorContains(t, err, c[1])
	}
}
