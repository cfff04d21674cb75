package hub

import (
	"slices"

	"cradio/loader"
)

// The files of a text tower, as open_clip and transformers name them.
const openCLIPConfig = "open_clip_config.json"

var (
	// textVocabularies are those of SigLIP, the smallest first; CLIP's is a part of the program.
	textVocabularies = []string{"spiece.model", "tokenizer.model", "tokenizer.json"}
	openCLIPWeights  = []string{"open_clip_model.safetensors", "open_clip_pytorch_model.bin"}
	textWeights      = []string{weightsFile, indexFile, torchFile}
)

// chooseText finds the files that a text tower needs: the configurations, one vocabulary, and the
// weights of the library whose configuration there is, open_clip's first.
func chooseText(repo Repo, files []string) (n needs, err error) {
	has := func(f string) bool { return slices.Contains(files, f) }
	first := func(names []string) bool {
		for _, f := range names {
			if has(f) {
				n.files = append(n.files, f)
				return true
			}
			n.absent = append(n.absent, f)
		}
		return false
	}
	configs := 0
	for _, f := range []string{openCLIPConfig, configFile} {
		if has(f) {
			n.files = append(n.files, f)
			configs++
		} else {
			n.absent = append(n.absent, f)
		}
	}
	first(textVocabularies)
	weights := textWeights
	if has(openCLIPConfig) {
		weights = slices.Concat(openCLIPWeights, textWeights)
	}
	if !first(weights) || configs == 0 {
		return n, noText(repo, files)
	}
	n.index = n.files[len(n.files)-1] == indexFile
	return n, nil
}

func noText(repo Repo, files []string) error {
	found := "an empty repository"
	if len(files) > 0 {
		found = list(files)
	}
	return &loader.Error{File: repo.String(), Want: "the files of a text tower: " + openCLIPConfig + " or " + configFile + ", and weights",
		Found: found, Do: "check that this is the repository of the adaptor's teacher", Err: ErrFile}
}
