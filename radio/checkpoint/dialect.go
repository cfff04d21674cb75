package checkpoint

import "strings"

// root is where the model's tensors begin in the hub's naming, which is the one that
// package radio asks by.
const root = "radio_model."

// dialect is one way in which files name the tensors of a model.
type dialect struct {
	name   string
	anchor string // a tensor that every model in it has; a prefix may stand before it

	// names says how a tensor by the hub's name lies in a file: the alternatives, each
	// the tensors that make it when they are joined along the first axis.
	names func(c *Config, tensor string) [][]string
	// aside says that a tensor, named without the prefix, has no part in the forward
	// pass, so that nobody need read it. A model alone in its file has nothing beside it.
	aside func(name string, alone bool) bool
}

// dialects in the order in which they are looked for.
var dialects = []*dialect{hub, torchHub, native}

// hub is the naming of the repositories on the Hugging Face hub.
var hub = &dialect{
	name:   "hub",
	anchor: root + "model.patch_generator.embedder.weight",
	names:  func(_ *Config, tensor string) [][]string { return layerScale(tensor) },
	aside: func(name string, alone bool) bool {
		if !strings.HasPrefix(name, root) {
			return !alone
		}
		return name == root+"model.reg_token" || // of the _v2_ models, unused upstream too
			strings.HasPrefix(name, root+"model.patch_generator.video_embedder.")
	},
}

// layerScale adds to the name of a LayerScale's factors those that older files and
// transformers have for them.
func layerScale(tensor string) [][]string {
	names := [][]string{{tensor}}
	if stem, ok := strings.CutSuffix(tensor, ".grandma"); ok {
		names = append(names, []string{stem + ".gamma"})
		if at := strings.LastIndex(stem, ".ls"); at >= 0 {
			names = append(names, []string{stem[:at] + ".layer_scale" + stem[at+len(".ls"):] + ".lambda1"})
		}
	}
	return names
}
