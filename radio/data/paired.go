package data

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Pairing says where a folder has pictures and their masks or depth maps.
type Pairing struct {
	// Pictures and Targets are folders below the folder, or below each of its folders train, val and test. Where
	// one is empty, they are the first of Usual that is there.
	Pictures, Targets string
	Usual             [][2]string
	// PictureEnding and TargetEnding are what names end in before the extension, such as _leftImg8bit and
	// _gtFine_labelTrainIds: files that end in something else are left out. See Pairs for empty ones.
	PictureEnding, TargetEnding string
	// Lists is a folder below the folder with the files train.txt, val.txt and test.txt, or some of them. Each
	// line begins with the name of a picture. Pictures in none of them are left out. If it is empty, a picture
	// is in a part where all are in folders such as train and val.
	Lists string
}

// UsualMasks are the folders of data sets for segmentation: ours, those of Oxford's pets, ADE20K's, mmsegmentation's, Pascal VOC's and
// those of Cityscapes.
func UsualMasks() [][2]string {
	return [][2]string{{"images", "masks"}, {"images", "annotations/trimaps"}, {"images", "annotations"}, {"images", "labels"}, {"img_dir", "ann_dir"}, {"JPEGImages", "SegmentationClass"}, {"leftImg8bit", "gtFine"}}
}

// UsualDepths are folders of pictures and depth maps.
func UsualDepths() [][2]string {
	return [][2]string{{"images", "depth"}, {"images", "depths"}, {"rgb", "depth"}}
}

// ErrNoFolders is wrapped by the error for a folder without those of a Pairing. It is fs.ErrNotExist too.
var ErrNoFolders error = noFolders{}

type noFolders struct{}

func (noFolders) Error() string { return "want the folders" }

func (noFolders) Is(target error) bool { return target == fs.ErrNotExist }

// Paired lists the pictures of a folder that have a mask or a depth map: DIR/images/1.jpg and DIR/masks/1.png,
// DIR/images/train/1.jpg and DIR/masks/train/1.png, or DIR/train/images/1.jpg and DIR/train/masks/1.png. The
// folders train, val and test are the parts, whatever they are called (training, valid, …). alone are the
// files without a partner, unlisted the pictures that p.Lists does not name.
//
// In place of a folder there may be a list, see PairList; then p is not used.
func Paired(dir string, p Pairing) (d *Dataset, alone, unlisted []string, err error) {
	if IsList(dir) && isFile(dir) {
		d, err = PairList(dir)
		return d, nil, nil, err
	}
	roots, err := p.roots(dir)
	if err != nil {
		return nil, nil, nil, err
	}
	d = &Dataset{Path: dir}
	for _, root := range roots {
		pictures, targets := filepath.Join(root.dir, p.Pictures), filepath.Join(root.dir, p.Targets)
		pairs, without, err := pairsEnding(pictures, targets, p.PictureEnding, p.TargetEnding)
		if err != nil {
			return nil, without, nil, err
		}
		alone = append(alone, without...)
		here := OfPairs(pictures, pairs)
		for i := range here.Items {
			if root.part != "" {
				here.Items[i].Part = root.part
			}
		}
		d.Items = append(d.Items, here.Items...)
	}
	if p.Lists != "" {
		unlisted, err = d.listed(filepath.Join(dir, p.Lists), p.PictureEnding)
	}
	return d, alone, unlisted, err
}

// root is a folder that has the folders of a Pairing.
type root struct {
	dir  string
	part Part
}

// roots finds the folder itself, or its folders of parts. It sets the names of p that are empty.
func (p *Pairing) roots(dir string) ([]root, error) {
	inside, err := folders(dir)
	if err != nil {
		return nil, err
	}
	all := []root{{dir: dir}}
	for _, name := range inside {
		if part, ok := partOf(name); ok {
			all = append(all, root{filepath.Join(dir, name), part})
		}
	}
	usual := slices.Clone(p.Usual)
	if len(usual) == 0 {
		usual = [][2]string{{}}
	}
	for i := range usual {
		usual[i] = [2]string{cmp.Or(p.Pictures, usual[i][0]), cmp.Or(p.Targets, usual[i][1])}
	}
	for _, names := range usual {
		if names[0] == "" || names[1] == "" {
			continue
		}
		has := func(r root) bool { return isFolder(r.dir, names[0]) && isFolder(r.dir, names[1]) }
		if has(all[0]) {
			p.Pictures, p.Targets = names[0], names[1]
			return all[:1], nil
		}
		parts := slices.DeleteFunc(slices.Clone(all[1:]), func(r root) bool { return !has(r) })
		if len(parts) > 0 {
			p.Pictures, p.Targets = names[0], names[1]
			return parts, nil
		}
	}
	return nil, none(dir, usual[0], inside)
}

func isFolder(dir, name string) bool {
	info, err := os.Stat(filepath.Join(dir, name))
	return err == nil && info.IsDir()
}

// none is the error where no folders are those that are wanted.
func none(dir string, wanted [2]string, inside []string) error {
	found := "no folders"
	if len(inside) > 0 {
		found = "the folders " + some(inside)
	}
	return fmt.Errorf("%s: %w %s and %s, there or below train, val and test; it has %s", dir, ErrNoFolders, wanted[0], wanted[1], found)
}

// byFolders puts pictures into parts if all of them are in folders such as train and val below a folder.
func (d *Dataset) byFolders(dir string) {
	parts := make([]Part, len(d.Items))
	for i, item := range d.Items {
		name, err := filepath.Rel(dir, item.Path)
		first, _, below := strings.Cut(filepath.ToSlash(name), "/")
		part, ok := partOf(first)
		if err != nil || !below || !ok {
			return
		}
		parts[i] = part
	}
	for i, part := range parts {
		d.Items[i].Part = part
	}
}

var errNoLists = errors.New("want train.txt, val.txt or test.txt, with the name of a picture in each line")

// listed keeps the pictures that the lists of a folder name, and puts them into parts. ending is what the
// names of pictures may have more than those of the lists.
func (d *Dataset) listed(dir, ending string) (unlisted []string, err error) {
	parts, err := readLists(dir)
	if err != nil {
		return nil, err
	}
	kept := d.Items[:0]
	for _, item := range d.Items {
		name := filepath.Base(item.Path)
		stem := strings.TrimSuffix(name, filepath.Ext(name))
		part, ok := parts[stem]
		if short := strings.TrimSuffix(stem, ending); !ok {
			part, ok = parts[short]
		}
		if !ok {
			unlisted = append(unlisted, item.Path)
			continue
		}
		item.Part = part
		kept = append(kept, item)
	}
	if len(kept) == 0 {
		return unlisted, fmt.Errorf("%s: its lists name none of the %s, such as %s", dir, many(len(unlisted), "picture"), filepath.Base(unlisted[0]))
	}
	d.Items = kept
	return unlisted, nil
}
