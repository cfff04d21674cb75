package main

import "github.com/spf13/cobra"

func newTrainCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "train",
		Short: "Train a classifier, a segmenter or a depth head on a model",
		Long: `train trains a head on the features of a model: alone, or together with the model's last
blocks, all of it, or adapters (LoRA).

  classify   classes of images
  segment    a class for each pixel
  depth      a depth for each pixel

A complete example, offline:

  cradio eval generate shapes
  cradio train classify shapes --model synthetic:nano --size 64 --out run
  cradio predict run/head shapes/test/*/* --model synthetic:nano`,
		Example: `  cradio train classify flowers/ --model nvidia/C-RADIOv2-B --out flowers-run
  cradio train segment scenes/ --model nvidia/C-RADIOv2-B --size 512 --out scenes-run
  cradio train classify flowers/ --model nvidia/C-RADIOv2-B --blocks 4 --out tuned --resume`,
		Args: noSuchCommand, SuggestionsMinimumDistance: maxDistance,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newTrainClassifyCmd(), newTrainSegmentCmd(), newTrainDepthCmd())
	return cmd
}

// trainHelp describes what the commands below train share.
const trainHelp = `OUTPUT

--out is a folder. It gets

  head/            the head: head.safetensors, which loads into PyTorch, and head.json
  model/           the changed model, if blocks of it were trained; or adapter/
  checkpoints/     the last two and the best, to go on from
  features/        what a model that stays as it is gave for the images: a STORE for other
                   runs too; remove it when it is not needed any more
  metrics.jsonl    a line each for the loss and for the figures of the validation part
  curves.png       and for classes confusion.png

The head is the one with the best figure on the validation part.

INTERRUPTIONS

Ctrl-C finishes the step, saves a checkpoint and draws the curves so far; a crash loses what came
after the last one (--every, --every-steps). The same command with --resume goes on, and comes to the
same numbers, to the last bit, as if there had been no interruption. It stops if an option or the data
differ, and names what does.
--out, --threads, --every, --every-steps, --json and --log-level may differ.

WHAT IS TRAINED

Without --blocks and --lora the model is frozen: features are computed once, kept in
features/, and the head is trained on them. A run that is stopped or killed while it computes
them goes on where it was. --blocks N trains the last N blocks too, --blocks all everything.
--lora R trains adapters of rank R beside the weights of --lora-targets.

Random crops, flips and colours (--crop, --flip, --colour) need the model in each step, even
if it is frozen. A STORE that was made with cradio features --views N has the whole images
and N-1 crops, of which half are flipped: each epoch takes another view of an image, with its
part of the mask, and the validation part is answered on whole images.

--orient applies the EXIF orientation of images, as viewers do: masks and depth maps must then be
of the images so turned. --drop-alpha ignores transparency, as --alpha drop does elsewhere, and
--fast-decode reads a JPEG that no random crop is cut out of at a reduced size. The head keeps all
three (picture in head.json), for predict and eval head; and a STORE that was made with them.

--plan prints what is trained, the memory and the work of a step, and trains nothing.

LOSS AND RATE

--loss may be a sum: cross-entropy,focal:0.5. Dice and focal loss of masks hold the scores of all
pixels, which cross-entropy alone does not.

The rate follows --schedule after a warm-up. It is the one printed and recorded. Weights of
one dimension and tokens do not decay, unless --decay-all is given. --layer-decay multiplies the
rate by itself for each block between a weight and the head.`
