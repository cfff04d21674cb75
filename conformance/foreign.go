package conformance

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
)

// A folder may hold files of other suites, such as text towers. A valid file of another kind is
// skipped if the manifest does not list it. Any other file that cannot be read is a failure.

// foreignFile is the reason to skip a file that is not a bundle.
const foreignFile = "is not a bundle: it has neither pixels and " + truthPrefix + "<name>, nor images, and " + manifestName + " does not list it"

// maxConfig is the limit of a config.json, bytes.
const maxConfig = 16 << 20

// foreignModel reports whether a folder holds a checkpoint of another model family: its config.json
// has a model_type, and does not contain RADIO.
func foreignModel(dir string) bool {
	f, err := os.Open(filepath.Join(dir, "config.json"))
	if err != nil {
		return false
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxConfig))
	if err != nil {
		return false
	}
	var config struct {
		ModelType string `json:"model_type"`
	}
	err = json.Unmarshal(text, &config)
	return err == nil && config.ModelType != "" && !bytes.Contains(bytes.ToLower(text), []byte("radio"))
}
