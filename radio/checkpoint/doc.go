// Package checkpoint reads the checkpoints of the RADIO family. It parses the
// configuration, and finds the model's tensors under the names of several formats.
//
//	ck, err := checkpoint.Open("C-RADIOv2-B")
//	defer ck.Tensors.Close()
//	t, err := checkpoint.NewTensors(ck.Tensors, ck.Config)
//	w, err := t.Float32("radio_model.model.blocks.0.norm1.weight", ck.Config.Width)
//
// Start with [Open], for a checkpoint on disk, or [ParseConfig], for a config.json.
// [Config] is the architecture. [Tensors] finds tensors by their names on the Hugging
// Face hub, whatever their names in the file.
//
// Package radio uses this package in radio.Open, which most programs call instead.
package checkpoint
