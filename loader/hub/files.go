package hub

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"cradio/loader"
	"cradio/loader/strictjson"
)

// The files of a model, as transformers names them.
const (
	configFile    = "config.json"
	processorFile = "preprocessor_config.json"
	weightsFile   = "model.safetensors"
	indexFile     = "model.safetensors.index.json"
	torchFile     = "pytorch_model.bin"
)

// torchSuffixes end the names of PyTorch's own files.
var torchSuffixes = []string{".pth.tar", ".pth", ".pt", ".bin", ".ckpt"}

func isTorch(file string) bool {
	return slices.ContainsFunc(torchSuffixes, func(s string) bool { return strings.HasSuffix(file, s) })
}

// IsWeights reports whether a file has the name of a checkpoint: .safetensors or one of PyTorch's extensions.
func IsWeights(file string) bool { return strings.HasSuffix(file, ".safetensors") || isTorch(file) }

// trainerState are the files that a training run writes beside a checkpoint.
var trainerState = regexp.MustCompile(`^(training_args|optimizer|scheduler|scaler|rng_state)[^/]*\.`)

// torchFiles are the checkpoints in PyTorch's format at the top of a repository, sorted.
func torchFiles(files []string) []string {
	var found []string
	for _, f := range files {
		if isFile(f) && !strings.Contains(f, "/") && isTorch(f) && !trainerState.MatchString(f) {
			found = append(found, f)
		}
	}
	slices.Sort(found)
	return found
}

// needs are the files of a repository that a model needs.
type needs struct {
	files  []string // the checkpoint is last
	absent []string // optional files that do not exist
	index  bool     // files ends with an index, which names the shards
}

// choose finds the needed files among a repository's files: the named file, or the checkpoint in the first format that
// exists. Other files are ignored; some may be stale shards of an earlier upload.
func choose(repo Repo, files []string) (needs, error) {
	if repo.Text {
		return chooseText(repo, files)
	}
	var n needs
	has := func(f string) bool { return slices.Contains(files, f) }
	optional := func(dir string) {
		for _, f := range []string{configFile, processorFile} {
			if f = path.Join(dir, f); has(f) {
				n.files = append(n.files, f)
			} else {
				n.absent = append(n.absent, f)
			}
		}
	}
	optional("")
	torch := torchFiles(files)
	switch {
	case repo.File != "" && !has(repo.File):
		return n, missingFile(repo, files)
	case repo.File != "":
		if dir := path.Dir(repo.File); dir != "." {
			optional(dir)
		}
		n.files = append(slices.DeleteFunc(n.files, func(f string) bool { return f == repo.File }), repo.File)
	case has(weightsFile):
		n.files = append(n.files, weightsFile)
	case has(indexFile):
		n.absent = append(n.absent, weightsFile)
		n.files, n.index = append(n.files, indexFile), true
	case len(torch) == 1:
		n.absent = append(n.absent, weightsFile, indexFile)
		n.files = append(n.files, torch[0])
	case len(torch) > 1:
		return n, severalCheckpoints(repo, torch)
	default:
		return n, noCheckpoint(repo, files)
	}
	return n, nil
}

func missingFile(repo Repo, files []string) error {
	return &loader.Error{File: repo.ID(), Item: "file " + quote(repo.File), Found: "the repository has no such file at revision " + quote(repo.revision()),
		Do: "its checkpoints are: " + list(slices.DeleteFunc(slices.Clone(files), func(f string) bool { return !IsWeights(f) })), Err: ErrFile}
}

func severalCheckpoints(repo Repo, torch []string) error {
	example := repo
	example.File = torch[0]
	do := fmt.Sprintf("name one of them, as in %s", example)
	if slices.ContainsFunc(torch, isShard) {
		do += "; if these are shards of one checkpoint, convert them to safetensors: shards in PyTorch's format are not supported"
	}
	return &loader.Error{File: repo.String(), Want: "one checkpoint", Found: fmt.Sprintf("%d: %s", len(torch), list(torch)), Do: do, Err: ErrSeveral}
}

func noCheckpoint(repo Repo, files []string) error {
	found := "an empty repository"
	if len(files) > 0 {
		found = list(files)
	}
	return &loader.Error{File: repo.String(), Want: weightsFile + ", " + indexFile + " or a file in PyTorch's format",
		Found: found, Do: "check that this is the repository of a model; for a file in a folder give ORG/NAME/FOLDER/FILE", Err: ErrFile}
}

var shardName = regexp.MustCompile(`-\d+-of-\d+\.`)

func isShard(file string) bool { return shardName.MatchString(file) }

const (
	maxIndex  = 64 << 20 // bytes
	maxShards = 10_000
)

// readShards reads which shards an index names, sorted.
func readShards(index string) ([]string, error) {
	text, err := loader.ReadBounded(index, maxIndex)
	if err != nil {
		return nil, err
	}
	shards, err := parseShards(text)
	if err != nil {
		return nil, &loader.Error{File: index, Item: "index", Found: err.Error(), Do: "the repository or this copy is broken: download it again with `cradio pull --force`", Err: err}
	}
	return shards, nil
}

func parseShards(text []byte) ([]string, error) {
	var index struct {
		Weights map[string]string `json:"weight_map"`
	}
	if err := strictjson.Unmarshal(text, strictjson.Limits{Bytes: maxIndex}, &index); err != nil {
		return nil, fmt.Errorf("not an index of shards: %w", err)
	}
	seen := map[string]bool{}
	for _, shard := range index.Weights {
		if seen[shard] {
			continue
		}
		if !isFile(shard) || strings.Contains(shard, "/") || !strings.HasSuffix(shard, ".safetensors") {
			return nil, fmt.Errorf("want the names of .safetensors files beside it, found %s", quote(shard))
		}
		if seen[shard] = true; len(seen) > maxShards {
			return nil, fmt.Errorf("more than %d shards", maxShards)
		}
	}
	if len(seen) == 0 {
		return nil, fmt.Errorf("it lists no shards")
	}
	shards := make([]string, 0, len(seen))
	for shard := range seen {
		shards = append(shards, shard)
	}
	slices.Sort(shards)
	return shards, nil
}
