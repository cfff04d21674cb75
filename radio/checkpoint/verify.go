package checkpoint

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"cradio/loader"
)

// Verify turns what is missing, mis-shaped or unused into one error, which says what is
// probably wrong and lists the first tensors of each kind.
func (t *Tensors) Verify(errs []error) error {
	var missing, wrong []string
	for _, err := range errs {
		if errors.Is(err, loader.ErrMissing) {
			missing = append(missing, err.Error())
		} else {
			wrong = append(wrong, err.Error())
		}
	}
	unused := t.unused()
	if len(missing)+len(wrong)+len(unused) == 0 {
		return nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: does not fit its configuration", t.src)
	if hint := diagnose(missing, wrong, unused); hint != "" {
		fmt.Fprintf(&b, ": %s", hint)
	}
	fmt.Fprintf(&b, "\n%d tensors missing, %d wrong, %d that the model does not use", len(missing), len(wrong), len(unused))
	for _, group := range []struct {
		title string
		lines []string
	}{{"missing", missing}, {"wrong", wrong}, {"unused", unused}} {
		const most = 8
		for i, l := range group.lines {
			if i == most {
				fmt.Fprintf(&b, "\n  %s: and %d more", group.title, len(group.lines)-most)
				break
			}
			fmt.Fprintf(&b, "\n  %s: %s", group.title, l)
		}
	}
	return errors.New(b.String())
}

// diagnose guesses at the cause from the names.
func diagnose(missing, wrong, unused []string) string {
	has := func(list []string, part string) bool {
		return slices.ContainsFunc(list, func(s string) bool { return strings.Contains(s, part) })
	}
	switch {
	case has(unused, "parametrizations.weight."):
		return "weights are reparametrised in a way that is not known: export the checkpoint without parametrisations"
	case has(missing, "grandma"):
		return "the config says LayerScale (a _v2_ model or init_values), the checkpoint has none: is the configuration that of another model?"
	case has(unused, "grandma") || has(unused, ".gamma"):
		return "the checkpoint has LayerScale, the config does not: args.model should be the _v2_ name"
	case has(unused, root+"adaptors."):
		return "the checkpoint has adaptors that adaptor_names of config.json does not name"
	case has(missing, root+"adaptors."):
		return "adaptor_names of config.json names adaptors that the checkpoint does not have"
	case has(unused, root+"feature_normalizer.") || has(unused, root+"inter_feature_normalizer."):
		return "the checkpoint has a normaliser that config.json does not describe (feature_normalizer_config, inter_feature_normalizer_config)"
	case len(wrong) > 0 && len(missing)+len(unused) == 0:
		return "every tensor is there but of another size: is the configuration that of another variant?"
	case has(missing, ".blocks.") || has(unused, ".blocks."):
		return "the number of blocks differs: is the configuration that of another variant?"
	}
	return ""
}
