package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"cradio/radio/data"
	"cradio/radio/image"

	"github.com/spf13/cobra"
)

// pairFlags say where DATA has images, and masks or depth maps.
type pairFlags struct {
	data.Pairing
	target string // what the flags call a mask or a depth map
	folder string // and the folder of them
}

// pairHelp goes into the help of commands that have them.
const pairHelp = `The folders have the names that data sets use, such as images/ and %s/, or are
named by --images and --%[2]s. Folders train, val (validation, val2017) and test, in these or
around them, are the parts: images/train/ and %[1]s/train/, or train/images/ and
train/%[1]s/. --part-lists names a folder with train.txt and val.txt instead, which name the
images. What is in no part is split by --val. --image-suffix and --%[3]s-suffix say what names
end in. DATA may also be a list: .csv with the columns path and %[3]s, perhaps split, or .txt
with both paths on a line (what follows them is left out, and so is an image whose %[3]s is
None, as in lists of NYU and KITTI).`

func (f *pairFlags) add(cmd *cobra.Command, target, folder string, usual [][2]string) {
	f.target, f.folder, f.Usual = target, folder, usual
	flags := cmd.Flags()
	flags.StringVar(&f.Pictures, "images", "", "folder `DIR` of images, below DATA (default the usual names)")
	flags.StringVar(&f.Targets, folder, "", "folder `DIR` of "+folder+", below DATA (default the usual names)")
	flags.StringVar(&f.PictureEnding, "image-suffix", "", "what names of images end in, such as _leftImg8bit; others are left out")
	flags.StringVar(&f.TargetEnding, target+"-suffix", "", "what names of "+folder+" end in, such as _gtFine_labelTrainIds; others are left out")
	flags.StringVar(&f.Lists, "part-lists", "", "folder `DIR` below DATA with train.txt, val.txt, test.txt: the images of each part")
}

// open lists the pairs of DATA.
func (f *pairFlags) open(cmd *cobra.Command, path string) (d *data.Dataset, alone []string, err error) {
	p := f.Pairing
	if data.IsList(path) && p.Pictures+p.Targets+p.PictureEnding+p.TargetEnding+p.Lists != "" {
		return nil, nil, usage(cmd, "%s: is a list, which names its files: --images and the like are for folders", shown(path))
	}
	for _, ending := range []*string{&p.PictureEnding, &p.TargetEnding} {
		if extension := filepath.Ext(*ending); slices.Contains(image.Extensions, strings.ToLower(extension)) {
			*ending = strings.TrimSuffix(*ending, extension)
		}
	}
	d, alone, unlisted, err := data.Paired(path, p)
	switch {
	case errors.Is(err, data.ErrNoPairs):
		return nil, nil, fmt.Errorf("%w; where names end in different ways, give --image-suffix and --%s-suffix, see %s --help", err, f.target, cmd.CommandPath())
	case errors.Is(err, data.ErrNoFolders) && p.Pictures+p.Targets == "":
		return nil, nil, fmt.Errorf("%w; name those of DATA by --images and --%s, see %s --help", err, f.folder, cmd.CommandPath())
	case err != nil:
		return nil, nil, err
	}
	if len(unlisted) > 0 {
		warn("%s left out that the lists of %s do not name, such as %s", count(len(unlisted), "image"), shown(p.Lists), shown(unlisted[0]))
	}
	return d, alone, nil
}
