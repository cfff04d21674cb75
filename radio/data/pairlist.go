package data

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"cradio/loader"
)

const maskField = "mask"

// targetNames are what columns of masks and depth maps are called, in small letters.
var targetNames = []string{maskField, "mask_path", "annotation", "annotation_path", "segmentation", "label", "label_path", "target", "depth", "depth_path", "depth_map"}

// PairList reads a list of pictures with masks or depth maps: a .csv or .tsv file with the columns path and mask
// or depth, and perhaps split; or a .txt file with the two paths on each line, and perhaps more, such as the focal
// lengths of lists of NYU and KITTI. Pictures whose mask is None are left out. Paths are as in List.
func PairList(path string) (*Dataset, error) {
	text, err := loader.ReadBounded(path, maxList)
	if err != nil {
		return nil, err
	}
	return parsePairs(path, text, true)
}

// parsePairs is PairList of a text in memory. disk says whether pictures are looked for.
func parsePairs(path string, text []byte, disk bool) (d *Dataset, err error) {
	text = inUTF8(text)
	b := newBuilder(path)
	l := &pairList{list: list{builder: b, path: path, disk: disk}, targets: list{builder: b, path: path, disk: disk, targets: true}}
	switch strings.ToLower(filepath.Ext(path)) {
	case ".txt":
		err = l.txt(text)
	case ".csv", ".tsv":
		err = l.csv(text)
	default:
		err = fmt.Errorf("%s: want a list of pictures with masks or depth maps as .csv, .tsv or .txt", path)
	}
	if err != nil {
		return nil, err
	}
	if len(l.d.Items) == 0 {
		return nil, fmt.Errorf("%s: lists no pictures", path)
	}
	if l.without > 0 {
		l.d.Notes = append(l.d.Notes, fmt.Sprintf("%s: %s without a mask or depth map (%s)", path, many(l.without, "picture"), noTarget))
	}
	return l.d, l.splitOfAll()
}

// noTarget is in place of the path of a mask or depth map in lists that scripts in Python write.
const noTarget = "None"

type pairList struct {
	list
	targets list // finds the files of masks, which may be in another folder
	without int  // pictures that have none
}

// pair adds a picture with its target.
func (l *pairList) pair(line int, path, target, split string) error {
	part, ok := partOf(split)
	if split != "" && !ok {
		return l.wrong(line, splitField, "is %q: must be train, val or test", split)
	}
	for _, p := range [][2]string{{pathField, path}, {maskField, target}} {
		if p[1] == "" || len(p[1]) > maxName || strings.ContainsRune(p[1], 0) {
			return l.wrong(line, p[0], "is no path: must be 1 to %d bytes, without NUL", maxName)
		}
	}
	if target == noTarget {
		l.without++
		return nil
	}
	if err := l.add(l.locate(path), part); err != nil {
		return fmt.Errorf("%s: line %d: %w", l.path, line, err)
	}
	l.d.Items[len(l.d.Items)-1].Target = l.targets.locate(target)
	return nil
}

func (l *pairList) txt(text []byte) error {
	line, columns := 0, false
	if first := strings.Fields(firstLine(text)); len(first) > 2 { // or paths with spaces
		_, _, one := l.find(first[0])
		_, _, two := l.targets.find(first[1])
		columns = one && (two || first[1] == noTarget)
	}
	for row := range bytes.Lines(text) {
		line++
		if row = bytes.TrimSpace(row); len(row) == 0 {
			continue
		}
		if columns {
			if fields := strings.Fields(string(row)); len(fields) > 1 {
				if err := l.pair(line, fields[0], fields[1], ""); err != nil {
					return err
				}
				continue
			}
		}
		at := bytes.LastIndexAny(row, " \t")
		if at < 0 {
			return l.wrong(line, maskField, "is missing: want the paths of a picture and of its mask or depth map")
		}
		if err := l.pair(line, string(bytes.TrimSpace(row[:at])), string(row[at+1:]), ""); err != nil {
			return err
		}
	}
	return nil
}

// firstLine is the first line that is not empty.
func firstLine(text []byte) string {
	for row := range bytes.Lines(text) {
		if row = bytes.TrimSpace(row); len(row) > 0 {
			return string(row)
		}
	}
	return ""
}

func (l *pairList) csv(text []byte) error {
	var names []string
	var unread error
	for _, comma := range separators {
		r := reader(text, comma)
		header, err := r.Read()
		if err != nil { // quotes beside a character that does not separate here
			unread = cmp.Or(unread, err)
			continue
		}
		if names == nil {
			names = slices.Clone(header)
		}
		path, target, split := -1, -1, -1
		for i, name := range header {
			name = folded(name)
			switch {
			case path < 0 && (name == pathField || otherNames[name] == pathField):
				path = i
			case target < 0 && slices.Contains(targetNames, name):
				target = i
			case name == splitField:
				split = i
			}
		}
		if path < 0 || target < 0 {
			continue
		}
		for {
			record, err := r.Read()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return fmt.Errorf("%s: %w", l.path, err)
			}
			line, _ := r.FieldPos(0)
			part := ""
			if split >= 0 {
				part = strings.Clone(record[split])
			}
			if err := l.pair(line, strings.Clone(record[path]), strings.Clone(record[target]), part); err != nil {
				return err
			}
		}
	}
	if len(names) < 2 && unread != nil {
		return fmt.Errorf("%s: line 1: want a header with the columns path, and mask or depth: %w", l.path, unread)
	}
	return fmt.Errorf("%s: line 1: has the columns %q: want path, and mask or depth", l.path, names)
}
