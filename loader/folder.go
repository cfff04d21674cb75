package loader

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// opener reads one way of keeping a checkpoint in a folder. A new format is one more of these.
type opener struct {
	match func(file string) bool                   // does a file of this name announce the format?
	open  func(dir, file string) ([]Source, error) // file is the first name that matched
}

// openers in order of preference: a folder that holds several formats is read by the first.
var openers = []opener{
	{named("model.safetensors"), openSingle},
	{named(indexName), openShards},
	{suffixed(".pth.tar", ".pth", ".pt", ".bin", ".ckpt"), refusePickle},
}

// OpenFolder opens the checkpoint in a Hugging Face folder: model.safetensors, or the shards that
// model.safetensors.index.json names.
func OpenFolder(dir string) (*Checkpoint, error) {
	files, err := listFolder(dir)
	if err != nil {
		return nil, err
	}
	for _, o := range openers {
		if i := slices.IndexFunc(files, o.match); i >= 0 {
			parts, err := o.open(dir, files[i])
			if err != nil {
				return nil, err
			}
			return newCheckpoint(dir, parts), nil
		}
	}
	return nil, noCheckpoint(dir, files)
}

func openSingle(dir, file string) ([]Source, error) {
	f, err := OpenFile(filepath.Join(dir, file))
	if err != nil {
		return nil, err
	}
	return []Source{f}, nil
}

// refusePickle says how to convert PyTorch's own format, which runs a program in order to be read.
func refusePickle(dir, file string) ([]Source, error) {
	do := "open it in Python with transformers and call save_pretrained(folder), which writes model.safetensors"
	if strings.HasSuffix(file, ".bin") {
		do = fmt.Sprintf("convert it in Python: import torch, safetensors.torch; "+
			"safetensors.torch.save_file(torch.load(%q, weights_only=True), \"model.safetensors\")", file)
	}
	return nil, &Error{File: filepath.Join(dir, file), Want: "model.safetensors",
		Found: "only PyTorch's own format, which is not supported yet", Do: do + "; or fetch the model's Hugging Face repository"}
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
		do = "fetch " + indexName + " too: it says which shard holds what"
	case i >= 0:
		do = fmt.Sprintf("if %s holds the weights, rename it to model.safetensors", quote(files[i]))
	}
	return &Error{File: dir, Want: "model.safetensors or " + indexName, Found: found, Do: do, Err: os.ErrNotExist}
}

// listFolder is the names of a folder's files, sorted.
func listFolder(dir string) ([]string, error) {
	stat, err := os.Stat(dir)
	if err == nil && !stat.IsDir() {
		return nil, &Error{File: dir, Want: "a folder", Found: "a file", Do: "give the folder that holds it"}
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
