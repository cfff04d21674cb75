package loader

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cradio/loader/filekind"
)

// opener opens one format of checkpoint in a folder. A new format is a new opener.
type opener struct {
	match func(file string) bool                             // reports whether a file of this name is of the format
	open  func(dir string, files []string) ([]Source, error) // files are the names that matched
}

// openers in order of preference: in a folder with several formats, the first one is used.
var openers = []opener{
	{named("model.safetensors"), openFirst},
	{named(indexName), openIndex},
	{named("pytorch_model.bin"), openFirst},
	{named("pytorch_model.bin.index.json"), openIndex},
	{isTorchName, openOnly},
}

// isTorchName reports whether a PyTorch file has such a name. Hidden files do not count: macOS leaves some ("._…").
func isTorchName(file string) bool {
	return suffixed(".pth.tar", ".pth", ".pt", ".bin", ".ckpt")(file) && !strings.HasPrefix(file, ".")
}

// OpenFolder opens the checkpoint in a folder: model.safetensors, or the shards that model.safetensors.index.json names,
// or pytorch_model.bin or its shards, or the only file with the extension of a PyTorch file.
func OpenFolder(dir string) (*Checkpoint, error) {
	files, err := listFolder(dir)
	if err != nil {
		return nil, err
	}
	for _, o := range openers {
		matched := slices.DeleteFunc(slices.Clone(files), func(file string) bool { return !o.match(file) })
		if len(matched) > 0 {
			sources, err := o.open(dir, matched)
			if err != nil {
				return nil, err
			}
			return newCheckpoint(dir, dir, sources), nil
		}
	}
	return nil, noCheckpoint(dir, files)
}

// OpenPath opens a checkpoint, given the path of its folder or of one file: safetensors, an index of shards, or a file of
// torch.save. It detects the format from the file's contents, not from its name.
func OpenPath(path string) (*Checkpoint, error) {
	if stat, err := os.Stat(path); err == nil && stat.IsDir() {
		return OpenFolder(path)
	}
	dir := filepath.Dir(path)
	m, err := mapPath(path, "a checkpoint: a folder, a safetensors file, an index of them, or a PyTorch file")
	if err != nil {
		return nil, err
	}
	var sources []Source
	if m.kind == filekind.JSON {
		sources, err = openShards(m, dir)
	} else {
		sources, err = openMapped(m)
	}
	if err != nil {
		return nil, err
	}
	return newCheckpoint(path, dir, sources), nil
}

// openFirst opens the first of the files of a folder, in the format of its contents.
func openFirst(dir string, files []string) ([]Source, error) { return openOne(dir, files[0]) }

// openIndex opens the shards of the first of the indices of a folder.
func openIndex(dir string, files []string) ([]Source, error) {
	m, err := mapPath(filepath.Join(dir, files[0]), "an index of safetensors files (JSON)")
	if err != nil {
		return nil, err
	}
	return openShards(m, dir)
}

// openOne opens a file of a folder, in the format of its contents.
func openOne(dir, file string) ([]Source, error) {
	m, err := mapPath(filepath.Join(dir, file), "a checkpoint")
	if err != nil {
		return nil, err
	}
	return openMapped(m)
}

// openMapped opens a mapped file, in the format of its contents. It owns the file.
func openMapped(m *MappedFile) ([]Source, error) {
	switch m.kind {
	case filekind.TorchZip, filekind.TorchLegacy, filekind.Zip:
		t, err := openTorch(m)
		if err != nil {
			return nil, err
		}
		weights, _, err := t.Weights()
		if err != nil {
			t.Close()
			return nil, err
		}
		return []Source{weights}, nil
	}
	if err := m.not("safetensors, or what torch.save writes", filekind.Safetensors); err != nil {
		m.Close()
		return nil, err
	}
	f, err := openFile(m)
	if err != nil {
		return nil, err
	}
	return []Source{f}, nil
}

// openOnly opens a folder's PyTorch file, if it is the only one.
func openOnly(dir string, files []string) ([]Source, error) {
	if len(files) > 1 {
		return nil, &Error{File: dir, Want: "model.safetensors, or one PyTorch file", Found: fmt.Sprintf("%d PyTorch files: %s", len(files), list(files)),
			Do: "give the path of the one that is meant"}
	}
	return openOne(dir, files[0])
}

func noCheckpoint(dir string, files []string) error {
	found := "an empty folder"
	if len(files) > 0 {
		found = list(files)
	}
	do := "check that this is the folder of a model, and that its download is complete"
	i := slices.IndexFunc(files, suffixed(".safetensors"))
	switch {
	case i >= 0 && strings.Contains(files[i], "-of-"):
		do = "download " + indexName + " too: it lists which shard holds which tensor"
	case i >= 0:
		do = fmt.Sprintf("if %s holds the weights, rename it to model.safetensors, or give its path", quote(files[i]))
	}
	return &Error{File: dir, Want: "model.safetensors, " + indexName + " or a PyTorch file", Found: found, Do: do, Err: os.ErrNotExist}
}

// listFolder returns the names of a folder's files, sorted.
func listFolder(dir string) ([]string, error) {
	stat, err := os.Stat(dir)
	if err == nil && !stat.IsDir() {
		return nil, &Error{File: dir, Want: "a folder", Found: "a file", Do: "give the folder that contains it"}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, &Error{File: dir, Want: "the folder of a checkpoint", Found: reason(err, dir), Do: "check the path", Err: err}
	}
	var files []string
	for _, e := range entries {
		if !e.IsDir() {
			files = append(files, e.Name())
		}
	}
	return files, nil
}

func named(want string) func(string) bool {
	return func(file string) bool { return file == want }
}

func suffixed(ends ...string) func(string) bool {
	return func(file string) bool {
		return slices.ContainsFunc(ends, func(end string) bool { return strings.HasSuffix(file, end) })
	}
}
