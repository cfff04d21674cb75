package text

import (
	"fmt"
	"strings"

	"cradio/radio"
)

// teachers are what is known of the text towers of published adaptors' teachers, by what
// args.teachers says of them (NVlabs/RADIO, c0f3701).
var teachers = []struct {
	kind, model string // the beginnings of type and model
	tower       string // where it is published
	embed       int
	vocabulary  int
	causal      bool
}{
	{"open_clip", "ViT-H-14", "apple/DFN5B-CLIP-ViT-H-14-378", 1024, 49408, true},
	{"open_clip", "ViT-SO400M-14-SigLIP2", "timm/ViT-SO400M-14-SigLIP2-378", 1152, 256000, false},
	{"open_clip", "ViT-SO400M-14-SigLIP", "timm/ViT-SO400M-14-SigLIP-384", 1152, 32000, false},
	{"siglip2", "siglip2-g", "google/siglip2-giant-opt-patch16-384", 1536, 256000, false},
	{"siglip2", "siglip2-so400m", "google/siglip2-so400m-patch16-naflex", 1152, 256000, false},
	{"pe_core", "PE-Core-G14-448", "facebook/PE-Core-G14-448", 1280, 49408, true},
}

// CheckTeacher returns an error unless the tower can be that of an adaptor's teacher, as far as the
// checkpoint says which model it is. A teacher that is not known here is not compared.
func (c *Config) CheckTeacher(adaptor string, of radio.TeacherModel) error {
	for _, t := range teachers {
		if of.Type != t.kind || !strings.HasPrefix(of.Model, t.model) {
			continue
		}
		var differs string
		switch {
		case c.Embed != t.embed:
			differs = fmt.Sprintf("embeddings of %d elements, not of %d", t.embed, c.Embed)
		case c.Causal != t.causal || c.Vocabulary != t.vocabulary:
			differs = fmt.Sprintf("%d tokens and attention that is %s, not %d and %s", t.vocabulary, masked(t.causal), c.Vocabulary, masked(c.Causal))
		default:
			return nil
		}
		return fmt.Errorf("this text tower is not that of the teacher of adaptor %s, %s %s, which has %s: use %s", adaptor, of.Type, of.Model, differs, t.tower)
	}
	return nil
}

func masked(causal bool) string {
	if causal {
		return "causal"
	}
	return "not causal"
}
