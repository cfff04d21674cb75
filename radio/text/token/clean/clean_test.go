package clean

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// What ftfy 6.3 and html.unescape of Python 3.11 make of texts in which Go's packages differ.
func TestCLIP(t *testing.T) {
	for text, want := range map[string]string{
		"a &#4294967361;":        "a \ufffd", // beyond Unicode, not modulo 2³²
		"&#X100000041;over":      "\ufffdover",
		"x &GTQUEST;":            "x >quest;", // > and more, so not the upper case of &gtquest;
		"&NTILDE;":               "ñ",
		"&amp;nLt;;":             "≪⃒;",
		"&amp;amp;nGt;":          "≫⃒",
		"&#1e-9":                 "e-9",
		"a &SEMI; b":             "a ; b",
		"&&SZLIG;":               "&ss",
		"&#59;":                  ";",
		"\u1e0a\u0323":           "ḍ̇",
		"o\u0301" + "\u0328 end": "ǫ́ end",
	} {
		assert.Equal(t, want, CLIP(text), "%+q", text)
	}
}

// More than 30 marks are one run, in order.
func TestManyMarks(t *testing.T) {
	above, below := strings.Repeat("\u036f", 25), strings.Repeat("\u0324", 25)
	assert.Equal(t, "x"+below+above, compose("x"+above+below))
	assert.Equal(t, "á"+above, compose("a\u0301"+above+""), "the first composes")
	assert.Equal(t, "ạ"+below+above, compose("a"+above+"\u0323"+below), "a mark of a lower class goes first")
	assert.Equal(t, "각"+strings.Repeat("\u0324", 40), compose("\u1100\u1161\u11a8"+strings.Repeat("\u0324", 40)))
	assert.Equal(t, strings.Repeat("\u036f", 40)+"é", compose(strings.Repeat("\u036f", 40)+"e\u0301"), "none that begins")
}
