package data

import (
	"fmt"
	"os"
	"path/filepath"

	"cradio/loader"
)

// metadataNames are lists that Hugging Face's ImageFolder reads in a folder of pictures.
var metadataNames = []string{"metadata.csv", "metadata.jsonl"}

// Metadata returns the list in a folder that says what its pictures are, or "".
func Metadata(dir string) string {
	for _, name := range metadataNames {
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path
		}
	}
	return ""
}

// described adds the pictures of a folder without folders, which a list describes.
func (b *builder) described(dir string, part Part) error {
	path := Metadata(dir)
	if path == "" {
		return fmt.Errorf("%s: has no folders: want one for each class, with its pictures inside; or the list %s or %s", dir, metadataNames[0], metadataNames[1])
	}
	text, err := loader.ReadBounded(path, maxList)
	if err != nil {
		return err
	}
	return (&list{builder: b, path: path, part: part}).read(text)
}
