package conformance

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cradio/conformance/internal/metadata"
	"cradio/radio"
)

// Suite is a folder of bundles.
type Suite struct {
	Dir      string
	Bundles  []*Bundle // by name
	manifest manifest
}

// Bundle is one file of reference tensors, or one checkpoint: a folder, or a file of
// the torch hub.
type Bundle struct {
	Name  string // path in the suite's folder, without .safetensors or .safetensors.gz: "nano/base-48x96"
	Large bool   // its model has more than largeParams parameters
	path  string
	kind  kind
	facts facts
	entry *entry // nil if the manifest does not list it
	rows  bool   // holds only some rows of its tensors
	err   error  // the error of reading the file
	// foreign is why the file does not belong to this suite, or "".
	foreign string

	model      *radio.Config // nil for bundles without a model
	anchor     []float32     // of a checkpoint; see match.go
	checkpoint string        // path of the checkpoint from which the bundle was made, or ""
}

// largeParams is the number of parameters above which bundles run only with Options.Large: their
// weights need more than 2 GB in float32.
const largeParams = 500e6

// maxParams is the limit of parameters of a bundle's model: four times the largest C-RADIOv2.
const maxParams = 4.4e9

// notBundles are folders without bundles: test data, the scripts that make bundles, and
// configurations of published models without weights.
var notBundles = []string{"testdata", "reference", "repositories"}

// Find returns the folder of the project's own suite: conformance/, with a MANIFEST.json, in start or
// a folder above it.
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
			return "", fmt.Errorf("no conformance/%s in %s or above it: run inside the repository, or give a folder of bundles", manifestName, start)
		}
	}
}

// Open reads MANIFEST.json and finds the bundles in a folder, at any depth. It skips hidden folders,
// notBundles, and folders with a MANIFEST.json of their own. A bundle that cannot be read becomes a Failure of Run. A folder without bundles is
// an error.
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
	s.matchNative()
	if len(s.Bundles) == 0 {
		return nil, fmt.Errorf("%s: no bundles (*%s) in this folder; conformance/README.md describes how to make them", dir, suffix)
	}
	slices.SortFunc(s.Bundles, func(a, b *Bundle) int { return strings.Compare(a.Name, b.Name) })
	return s, nil
}

// visit adds the bundles and checkpoints below root.
func (s *Suite) visit(root string) fs.WalkDirFunc {
	return func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path == root:
			return nil
		case len(s.Bundles) == metadata.MaxBundles:
			return fmt.Errorf("%s: has more than %d bundles", root, metadata.MaxBundles)
		case d.IsDir() && (strings.HasPrefix(d.Name(), ".") || slices.Contains(notBundles, d.Name())):
			return fs.SkipDir
		case d.IsDir() && hasManifest(path):
			return fs.SkipDir // a suite of its own, such as train/
		case d.IsDir() && isCheckpoint(path):
			return s.addFolder(root, path)
		case !d.IsDir() && isTorchHub(d.Name()):
			s.add(root, path, openCheckpoint)
		case !d.IsDir() && isBundle(path):
			s.add(root, path, openBundle)
		}
		return nil
	}
}

// hasManifest reports whether a folder is a suite of its own.
func hasManifest(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, manifestName))
	return err == nil
}

// addFolder adds the folder of a checkpoint, and torch hub files in it, since some repositories have
// both layouts.
func (s *Suite) addFolder(root, path string) error {
	s.add(root, path, openCheckpoint)
	entries, err := os.ReadDir(path)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !e.IsDir() && isTorchHub(e.Name()) && len(s.Bundles) < metadata.MaxBundles {
			s.add(root, filepath.Join(path, e.Name()), openCheckpoint)
		}
	}
	return fs.SkipDir
}

// add opens a bundle at path.
func (s *Suite) add(root, path string, open func(*Bundle) error) {
	name, err := filepath.Rel(root, path)
	if err != nil {
		name = path // unreachable: path is below root
	}
	b := &Bundle{Name: bundleName(filepath.ToSlash(name)), path: path}
	b.entry = s.manifest[b.Name]
	b.err = open(b)
	s.Bundles = append(s.Bundles, b)
}

// openBundle reads the metadata of a bundle.
func openBundle(b *Bundle) error {
	f, err := openTensors(b.path)
	if err != nil {
		return err
	}
	defer f.Close()
	if b.facts, err = metadata.ParseFacts(f.Metadata()); err != nil {
		return fmt.Errorf("%s: %w", b.path, err)
	}
	b.kind = kindOf(f, b.facts)
	if b.kind == unknown && b.entry == nil {
		b.foreign = foreignFile
		return nil
	}
	if b.kind == unknown {
		return fmt.Errorf("%s: is not a bundle: it has neither pixels and %s<name>, nor images", b.path, truthPrefix)
	}
	_, b.rows = f.Lookup(featureRows)
	if b.facts.Config == nil && (b.kind == forward || b.kind == gradient || b.kind == intermediates) {
		return fmt.Errorf("%s: metadata has no config", b.path)
	}
	if name := b.facts.Checkpoint; name != "" {
		if !filepath.IsLocal(name) {
			return fmt.Errorf("%s: checkpoint is %q, want the name of a folder or file next to the bundle", b.path, name)
		}
		b.checkpoint = filepath.Join(filepath.Dir(b.path), filepath.FromSlash(name))
	}
	return b.parseConfig()
}

// parseConfig reads the config of a bundle that has one.
func (b *Bundle) parseConfig() (err error) {
	if b.facts.Config == nil {
		return nil
	}
	if b.model, err = radio.ParseConfig(b.facts.Config); err != nil {
		return fmt.Errorf("%s: %w", b.path, err)
	}
	return b.bound()
}

// bound checks the size of a model before it is built.
func (b *Bundle) bound() error {
	n := approximateParams(b.model)
	if n > maxParams {
		return fmt.Errorf("%s: its configuration describes a model with %.3g parameters, want at most %.3g", b.path, n, maxParams)
	}
	b.Large = n > largeParams
	return nil
}

// approximateParams counts the elements of all matrices.
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

// synthetic reports whether the weights of the bundle are synthetic.
func (b *Bundle) synthetic() bool { return b.facts.Synthetic == nil || *b.facts.Synthetic }

// alignCorners returns align_corners of the bundle.
func (b *Bundle) alignCorners() bool {
	return b.facts.AlignCorners == nil || *b.facts.AlignCorners
}
