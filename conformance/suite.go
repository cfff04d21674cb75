package conformance

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cradio/loader"
	"cradio/radio"
)

// Suite is a folder of bundles.
type Suite struct {
	Dir      string
	Bundles  []*Bundle // by name
	manifest manifest
}

// Bundle is one file of reference tensors, or one folder with a checkpoint.
type Bundle struct {
	Name  string // path in the suite's folder, without extension: "nano/base-48x96"
	Large bool   // a model of more than largeParams
	path  string
	kind  kind
	facts facts
	marks *entry // nil if the manifest does not know it
	rows  bool   // holds some rows of its tensors only
	err   error  // what is wrong with the file
	// unsupported is why a checkpoint cannot be opened yet, or "".
	unsupported string
}

// largeParams is where a model's weights take more than 2 GB in float32: such
// bundles only run when asked for.
const largeParams = 500e6

// maxParams bounds the weights that are made for a bundle: four times the
// largest C-RADIOv2.
const maxParams = 4.4e9

const suffix = ".safetensors"

// Find looks for the project's own suite, conformance/MANIFEST.json, in start
// and the folders above it.
func Find(start string) (dir string, err error) {
	start, err = filepath.Abs(start)
	if err != nil {
		return "", err
	}
	for at := start; ; at = filepath.Dir(at) {
		dir = filepath.Join(at, "conformance")
		if _, err := os.Stat(filepath.Join(dir, manifestName)); err == nil {
			return dir, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("no conformance/%s in %s or above it: run inside the repository, or name a folder of bundles", manifestName, start)
		}
	}
}

// Open finds the bundles of a folder: its files by walking it, but for hidden
// folders, testdata and reference, and PyTorch's errors in its MANIFEST.json. A
// bundle that cannot be read is kept, and fails when it runs; a folder without
// bundles is an error.
func Open(dir string) (*Suite, error) {
	root, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil, fmt.Errorf("bundles: %w", err)
	}
	m, err := readManifest(root)
	if err != nil {
		return nil, err
	}
	s := &Suite{Dir: dir, manifest: m}
	if err := filepath.WalkDir(root, s.visit(root)); err != nil {
		return nil, err
	}
	if len(s.Bundles) == 0 {
		return nil, fmt.Errorf("%s: holds no bundle (*%s): see conformance/README.md for how to make one", dir, suffix)
	}
	slices.SortFunc(s.Bundles, func(a, b *Bundle) int { return strings.Compare(a.Name, b.Name) })
	return s, nil
}

// visit adds what it meets below root.
func (s *Suite) visit(root string) fs.WalkDirFunc {
	return func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path == root:
			return nil
		case len(s.Bundles) == maxBundles:
			return fmt.Errorf("%s: holds more than %d bundles", root, maxBundles)
		case d.IsDir() && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "reference"):
			return fs.SkipDir
		case d.IsDir() && isCheckpoint(path):
			s.add(root, path, openCheckpoint)
			return fs.SkipDir
		case !d.IsDir() && strings.HasSuffix(path, suffix):
			s.add(root, path, openBundle)
		}
		return nil
	}
}

// add opens a bundle at path.
func (s *Suite) add(root, path string, open func(*Bundle) error) {
	name, err := filepath.Rel(root, path)
	if err != nil {
		name = path // not reached: path was found below root
	}
	b := &Bundle{Name: strings.TrimSuffix(filepath.ToSlash(name), suffix), path: path}
	b.marks = s.manifest[b.Name]
	b.err = open(b)
	if b.err == nil && b.facts.Config != nil {
		b.err = b.checkConfig()
	}
	s.Bundles = append(s.Bundles, b)
}

// openBundle reads what a file says about itself.
func openBundle(b *Bundle) error {
	f, err := loader.OpenFile(b.path)
	if err != nil {
		return err
	}
	defer f.Close()
	if b.facts, err = parseFacts(f.Metadata()); err != nil {
		return fmt.Errorf("%s: %w", b.path, err)
	}
	b.kind = kindOf(f, b.facts)
	if b.kind == unknown {
		return fmt.Errorf("%s: is no bundle: it has neither pixels and %s<name>, nor pictures", b.path, truthPrefix)
	}
	_, b.rows = f.Lookup(featureRows)
	if b.facts.Config == nil && (b.kind == forward || b.kind == gradient || b.kind == intermediates) {
		return fmt.Errorf("%s: metadata has no config", b.path)
	}
	return nil
}

// checkConfig bounds the model of a bundle before it is built.
func (b *Bundle) checkConfig() error {
	c, err := radio.ParseConfig(b.facts.Config)
	if err != nil {
		return fmt.Errorf("%s: %w", b.path, err)
	}
	n := approximateParams(c)
	if n > maxParams {
		return fmt.Errorf("%s: config.json describes a model of %.3g parameters, wants at most %.3g", b.path, n, maxParams)
	}
	b.Large = n > largeParams
	return nil
}

// approximateParams counts the matrices.
func approximateParams(c *radio.Config) float64 {
	d := float64(c.Width)
	n := float64(c.Depth)*(4*d*d+2*d*float64(c.Hidden)) + float64(c.Grid)*float64(c.Grid)*d + 3*float64(c.Patch*c.Patch)*d
	for _, a := range c.Adaptors {
		for _, h := range []radio.HeadConfig{a.Summary, a.Feature} {
			hidden := float64(h.Hidden)
			n += hidden * (float64(h.In) + hidden*float64(h.Inner) + float64(h.Out))
		}
	}
	if in := c.InterNormalizer; in != nil && in.RotationPerBlock {
		n += float64(in.Blocks) * d * d
	}
	return n
}

// synthetic says whether the weights of the bundle are synthetic.
func (b *Bundle) synthetic() bool { return b.facts.Synthetic == nil || *b.facts.Synthetic }

// alignCorners is how the bundle's position table was resized.
func (b *Bundle) alignCorners() bool {
	return b.facts.AlignCorners == nil || *b.facts.AlignCorners
}

// config is the config.json of a bundle, or nil.
func (b *Bundle) config() json.RawMessage { return b.facts.Config }
