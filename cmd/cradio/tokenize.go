package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"cradio/radio/text/token"

	"github.com/spf13/cobra"
)

// tokenizeFlags are the options of `cradio tokenize`.
type tokenizeFlags struct {
	kind string
	path string
	json bool
}

func newTokenizeCmd() *cobra.Command {
	f := &tokenizeFlags{}
	cmd := &cobra.Command{
		Use:   "tokenize [TEXT…]",
		Short: "Print the tokens that a text tower reads of texts",
		Long: `tokenize prints the tokens of each text, as the text tower of an adaptor reads them: after
cleaning, by their ids and by their names in the vocabulary. A text that is longer than the
tower reads is cut; what is lost is shown behind a bar.

Without TEXT, each line of standard input is a text.

  clip        the vocabulary is a part of cradio; 77 ids
  siglip      needs spiece.model or tokenizer.json of the tower; 64 ids
  siglip2     needs tokenizer.model or tokenizer.json of the tower; 64 ids (also siglip2-g)`,
		Example: `  cradio tokenize "A photo of a tabby cat."
  cradio tokenize "T-shirt" --kind siglip2 --tokenizer siglip2-so400m-patch14-384/
  cradio tokenize --json < captions.txt > ids.jsonl`,
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.kind, "kind", string(token.KindCLIP), "how texts become ids: clip, siglip or siglip2")
	flags.StringVar(&f.path, "tokenizer", "", "`PATH` of the vocabulary: a file, or the folder of a text tower")
	flags.BoolVar(&f.json, "json", false, "print a JSON object for each text, on a line of its own")
	complete(cmd, "kind", string(token.KindCLIP), string(token.KindSigLIP), string(token.KindSigLIP2))
	return cmd
}

// tokensJSON is a line of --json.
type tokensJSON struct {
	Text   string        `json:"text"`
	IDs    []int32       `json:"ids"` // as the tower gets them
	Cut    bool          `json:"cut"`
	Pieces []token.Piece `json:"pieces"` // of the whole text
}

func (f *tokenizeFlags) run(cmd *cobra.Command, args []string) error {
	t, err := f.open(cmd)
	if err != nil {
		return err
	}
	if len(args) > 0 {
		for _, text := range args {
			if err := f.print(cmd, t, text); err != nil {
				return err
			}
		}
		return nil
	}
	return eachLine(cmd.InOrStdin(), func(text string) error { return f.print(cmd, t, text) })
}

func (f *tokenizeFlags) open(cmd *cobra.Command) (*token.Tokenizer, error) {
	kind, err := token.ParseKind(f.kind)
	switch {
	case err != nil:
		return nil, usage(cmd, "--kind: %v", err)
	case f.path != "":
		return token.Open(f.path, kind)
	case kind != token.KindCLIP:
		return nil, usage(cmd, "--kind %s: the vocabulary is not a part of cradio: give --tokenizer the folder of the text tower", kind)
	}
	return token.CLIP(), nil
}

// print writes the tokens of a text.
func (f *tokenizeFlags) print(cmd *cobra.Command, t *token.Tokenizer, text string) error {
	e, err := t.Encode(text)
	if err != nil {
		return err
	}
	pieces, err := t.Pieces(text)
	if err != nil {
		return err
	}
	if f.json {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(tokensJSON{text, e.IDs, e.Cut, pieces})
	}
	kept := len(pieces)
	if e.Cut {
		kept = t.Length() - t.Special()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", shown(text), count(len(pieces), "token"))
	if e.Cut {
		fmt.Fprintf(&b, ", cut after %d", kept)
	}
	b.WriteString("\n ")
	for i, p := range pieces {
		if i == kept {
			b.WriteString(" |")
		}
		fmt.Fprintf(&b, " %s(%d)", shown(p.Text), p.ID)
	}
	_, err = fmt.Fprintln(cmd.OutOrStdout(), b.String())
	return err
}

// eachLine calls f for every line that is not empty.
func eachLine(r io.Reader, f func(line string) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 2*token.Longest)
	n := 0
	for lines.Scan() {
		n++
		if lines.Text() == "" {
			continue
		}
		if err := f(lines.Text()); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("line %d: %w", n+1, err)
	}
	return nil
}
