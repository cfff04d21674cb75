package main

import (
	"fmt"
	"strings"

	"cradio/radio"
	"cradio/radio/text"
	"cradio/radio/text/token"

	"github.com/spf13/cobra"
)

// textFlags select a text tower, and how to open it.
type textFlags struct {
	tower     string
	kind      string
	tokenizer string
}

// textHelp describes --text.
const textHelp = `TEXT TOWERS

--text is the teacher's own model: its name on the hub, which is downloaded once, or its
folder, with configuration, weights and (for SigLIP) vocabulary. Only the text side is read.

  adaptor clip        apple/DFN5B-CLIP-ViT-H-14-378
  adaptor siglip      timm/ViT-SO400M-14-SigLIP-384
  adaptor siglip2     google/siglip2-so400m-patch16-naflex
  adaptor siglip2-g   google/siglip2-giant-opt-patch16-384

--text synthetic:WIDTH is a small tower of synthetic weights whose embeddings have that
width: its results carry no meaning.`

func (f *textFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.tower, "text", "", "`TOWER`: hub name or folder of the text tower; see above")
	flags.StringVar(&f.kind, "tokens", "", "how texts become ids: clip, siglip or siglip2 (default as the tower implies)")
	flags.StringVar(&f.tokenizer, "tokenizer", "", "`PATH` of the vocabulary (default in the tower's folder)")
	if err := cmd.MarkFlagDirname("text"); err != nil {
		panic(err)
	}
	complete(cmd, "tokens", string(token.KindCLIP), string(token.KindSigLIP), string(token.KindSigLIP2))
}

// open opens the tower.
func (f *textFlags) open(cmd *cobra.Command, dtype, device string, threads int) (*text.Tower, error) {
	opt := text.Options{DType: radio.DType(dtype), Device: device, Threads: threads, Tokenizer: f.tokenizer}
	if f.tower == "" {
		return nil, usage(cmd, "--text is missing: give the hub name or the folder of the text tower that belongs to the adaptor")
	}
	if f.kind != "" {
		kind, err := token.ParseKind(f.kind)
		if err != nil {
			return nil, usage(cmd, "--tokens: %v", err)
		}
		opt.Kind = kind
	}
	width, ok := strings.CutPrefix(f.tower, radio.SyntheticPrefix)
	if !ok {
		offline, err := cmd.Flags().GetBool("offline")
		if err != nil {
			return nil, err
		}
		path, err := locateText(cmd, f.tower, offline)
		if err != nil {
			return nil, err
		}
		if cmd.Flags().Lookup("no-pack") != nil {
			if opt.NoPack, err = cmd.Flags().GetBool("no-pack"); err != nil {
				return nil, err
			}
		}
		return text.Open(cmd.Context(), path, opt)
	}
	var embed int
	if _, err := fmt.Sscan(width, &embed); err != nil {
		return nil, usage(cmd, "--text %s: want synthetic:WIDTH, such as synthetic:1024", shown(f.tower))
	}
	warn("the text tower has synthetic weights: results carry no meaning")
	return text.Synthetic(&text.Config{
		Width: 64, Heads: 2, Depth: 3, Hidden: 256, Context: token.KindCLIP.Length(), Vocabulary: token.CLIP().Vocabulary(), Embed: embed,
		Activation: text.QuickGELU, Eps: 1e-5, Causal: true, Pool: text.PoolLargest,
	}, token.CLIP(), opt)
}

// warnCut warns of texts that are longer than the tower reads.
func warnCut(t *text.Tower, texts []string) error {
	cut, first := 0, ""
	for _, s := range texts {
		e, err := t.Tokenizer().Encode(s)
		if err != nil {
			return err
		}
		if e.Cut {
			if cut++; first == "" {
				first = s
			}
		}
	}
	if cut == 0 {
		return nil
	}
	lost, err := t.Tokenizer().Lost(first)
	if err != nil {
		return err
	}
	warn("%s longer than the %d tokens that the tower reads, and cut; of the first, %.60q…, this is lost: %.60q", areOrIs(cut, "text"), t.Tokenizer().Length(), first, lost)
	return nil
}

// areOrIs is "1 text is" or "2 texts are".
func areOrIs(n int, what string) string {
	if n == 1 {
		return count(n, what) + " is"
	}
	return count(n, what) + " are"
}
