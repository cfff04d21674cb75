package text

import (
	"testing"

	"cradio/radio"

	"github.com/stretchr/testify/require"
)

func TestCheckTeacher(t *testing.T) {
	dfn := radio.TeacherModel{Type: "open_clip", Model: "ViT-H-14-378-quickgelu", Pretrained: "dfn5b"}
	siglip := radio.TeacherModel{Type: "open_clip", Model: "ViT-SO400M-14-SigLIP-384", Pretrained: "webli"}
	require.NoError(t, published["clip"].CheckTeacher("clip", dfn))
	require.NoError(t, published["siglip"].CheckTeacher("siglip", siglip))
	require.ErrorContains(t, published["siglip"].CheckTeacher("clip", dfn), "this text tower is not that of the teacher of adaptor clip, open_clip ViT-H-14-378-quickgelu, which has embeddings of 1024 elements, not of 1152: use apple/DFN5B-CLIP-ViT-H-14-378")
	naflex := radio.TeacherModel{Type: "siglip2", Model: "siglip2-so400m"}
	require.ErrorContains(t, published["siglip"].CheckTeacher("siglip2", naflex), "256000 tokens and attention that is not causal, not 32000")
	require.NoError(t, published["siglip"].CheckTeacher("x", radio.TeacherModel{Type: "other"}), "unknown teachers are not compared")
}
