package conformance

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
)

// A folder may hold what other suites compare, such as text towers. What is whole, of
// another kind, and not in the manifest is skipped; all else that cannot be read fails.

// foreignFile is why a file without the tensors of a bundle is not one.
const foreignFile = "holds neither pixels and " + truthPrefix + "<name>, nor pictures, and " + manifestName + " does not list it"

// maxConfig bounds what is read of a config.json.
const maxConfig = 16 << 20

// foreignModel says of the folder of a checkpoint that it is of another model family:
// its config.json names a kind of model, and says RADIO nowhere.
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
