package conformance

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"cradio/loader"
	"cradio/radio/text"
)

// runTextCheckpoint compares a checkpoint, in the layout that a library wrote it in, with what the
// tower of the same configuration must give.
func runTextCheckpoint(c *textCase) error {
	if c.tape() {
		return nil
	}
	_, ids, err := c.tower()
	if err != nil {
		return err
	}
	tower, err := text.Open(c.ctx, filepath.Join(c.of.Dir, filepath.FromSlash(c.name())), text.Options{
		IDsAlone: true, NoPack: true, Threads: c.opt.Threads, DType: c.opt.DType,
	})
	if err != nil {
		return err
	}
	defer tower.Close()
	if err := c.taps(tower, ids); err != nil {
		return err
	}
	return c.encoded(tower, ids)
}

// givenBy is the bundle of what a checkpoint must give: that of the same architecture.
func (t *Text) givenBy(folder string) (bundle string, err error) {
	config, err := text.ReadConfig(filepath.Join(t.Dir, filepath.FromSlash(folder)))
	if err != nil {
		return "", err
	}
	for name := range t.manifest {
		if group(name) != "checkpoints" || strings.Count(name, "/") > 1 {
			continue
		}
		path := filepath.Join(t.Dir, filepath.FromSlash(name)+suffix)
		if _, err := os.Stat(path); err != nil {
			continue
		}
		f, err := loader.OpenFile(path)
		if err != nil {
			return "", err
		}
		c := &textCase{trainingCase: &trainingCase{data: &data{File: f}}}
		of, _, err := c.tower()
		f.Close()
		if err != nil {
			return "", fmt.Errorf("%s: %w", name, err)
		}
		if of.Causal == config.Causal && of.Width == config.Width && of.Embed == config.Embed && of.Vocabulary == config.Vocabulary {
			return name, nil
		}
	}
	return "", fmt.Errorf("%w: no bundle in checkpoints/ has this architecture", errNotRun)
}
