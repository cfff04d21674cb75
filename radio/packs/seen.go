package packs

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"cradio/loader"
	"cradio/loader/strictjson"
)

// SeenExtension ends the name of the small file beside a pack that lists the files which were found
// to be those of the pack, though at other times.
const SeenExtension = ".seen"

// seen is what remember has kept. A file that cannot be read counts as none.
func (p *Pack) seen() (files []file) {
	text, err := loader.ReadBounded(p.Path+SeenExtension, maxAbout)
	if err != nil || strictjson.Unmarshal(text, strictjson.Limits{}, &files) != nil {
		return nil
	}
	return files
}

// remember keeps the files for seen.
func (p *Pack) remember(files []file) error {
	text, err := json.Marshal(files)
	if err != nil {
		return err
	}
	return loader.WriteFile(p.Path+SeenExtension, loader.ByteData(append(text, '\n')))
}

// forget removes what remember has kept.
func (p *Pack) forget() error {
	if err := os.Remove(p.Path + SeenExtension); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", p.Path, err)
	}
	return nil
}
