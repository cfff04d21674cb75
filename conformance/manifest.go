package conformance

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"

	"cradio/conformance/internal/metadata"
	"cradio/loader"
)

// manifestName is the file with PyTorch's errors.
const manifestName = "MANIFEST.json"

type (
	manifest   = metadata.Manifest
	entry      = metadata.Entry
	torchError = metadata.TorchError
)

func readManifest(dir string) (manifest, error) {
	path := filepath.Join(dir, manifestName)
	data, err := loader.ReadBounded(path, metadata.MaxManifest)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: no such file: a folder of bundles needs one, with PyTorch's errors; make it with conformance/reference/make.py", path)
	}
	if err != nil {
		return nil, err
	}
	m, err := metadata.ParseManifest(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// checksum compares the file with its checksum in the manifest. Errors that were measured on another
// file would not be comparable.
func (b *Bundle) checksum() error {
	if b.entry == nil || b.entry.SHA256 == "" {
		return nil
	}
	f, err := openContents(b.path)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != b.entry.SHA256 {
		return fmt.Errorf("is not the file that %s describes: its sha256 is %s, want %s; make the bundle again", manifestName, got, b.entry.SHA256)
	}
	return nil
}

// Missing returns the names of bundles that are in the manifest but not in the folder. They are not
// failures, since a folder may hold part of a larger suite.
func (s *Suite) Missing() []string {
	have := map[string]bool{}
	for _, b := range s.Bundles {
		have[b.Name] = true
	}
	var missing []string
	for name := range s.manifest {
		if !have[name] {
			missing = append(missing, name)
		}
	}
	slices.Sort(missing)
	return missing
}
