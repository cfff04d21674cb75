// Package radio runs C-RADIOv2, a vision foundation model. For each image it computes a
// summary vector and spatial features.
//
//	m, err := radio.Open(ctx, "path/to/C-RADIOv2-B", radio.Options{})
//	defer m.Close()
//	out, err := radio.NewEncoder(m).EncodeFiles(ctx, "photo.jpg")
//	vector := out.Summaries()[0]    // (C), or out.Summary as a tensor (1, C)
//	patch := out.Patch(0, row, col) // (D), or out.Features as a tensor (1, T, D)
//
// [Open] opens a folder like those on the Hugging Face hub, with config.json,
// model.safetensors (or its shards) and preprocessor_config.json. The name
// "synthetic:B" (or L, H, g, nano) opens a model of that size with synthetic
// weights, whose features carry no meaning.
//
// Where to start, by what you have:
//
//	some images, at once        [Encoder.EncodeFiles], [Encoder.Encode]
//	many, one after another     [Encoder.Results] of a sequence; Encoder.File, Bytes, Reader and Image are its inputs
//	those of a service          [Batcher]: each goroutine brings one, the model gets batches
//	pixels that are tensors     [Model.Run]
//	tensors inside the model    Request.Taps of any of these; [Model.Paths] lists them
//	a head on the features      Request.Heads; package head has heads, package lora adapters
//	blocks to train             [Network.Tuned], [Network.Train]
//	vectors to compare          [Cosine], [Normalize], [TopK]
//	times                       Options.Trace
//
// Three types, from the inside out:
//
//   - [Network] is the architecture, one page that reads like the paper;
//   - [Model] owns the weights and a compiled program for each input size, and
//     runs tensors: [Model.Forward];
//   - [Encoder] takes images of any size and batches those of one size.
//
// A Model is safe for concurrent use. One forward pass uses all cores, so by default one runs at a
// time: this is as fast and takes less memory, see Options.Concurrent.
//
// Options.Device chooses what computes: a device that the program links and that package
// graph knows, by default the CPU. Nothing here depends on which one it is.
//
// Each weight is loaded on first use and repacked for the kernels, and its original is
// freed. [Model.WritePack] caches the packed weights in a file, a [Pack]. Open maps
// that file instead of reading the checkpoint.
//
// Errors that a program may want to tell apart, for errors.As and errors.Is, with what a
// service would answer:
//
//	*image.FormatError         no image, or of a kind that is not read     415
//	*image.DamagedError        an image that is cut short or damaged       400
//	*image.TooManyPixelsError  larger than Encoder.Decode.MaxPixels        413
//	*image.FileTooLargeError   a file or stream larger than any image      413
//	*SizeError                 no size of this model; it knows the nearest 400
//	*TooLargeError             memory has no room; it knows what fits      413
//	ErrBusy                    the queue of a Batcher is full              503
//	ErrClosed                  the model is closed                         503
//	ErrBatcherClosed           the Batcher is closed                       503
//	*ChangedError              a file of the model was changed in use      500
//	context.Canceled, context.DeadlineExceeded
//
// Everything about the architecture comes from config.json, see [Config]; an
// unknown value is refused by name. Shapes: B batch, H W pixels, h w patches,
// T = h·w tokens of features, D width, C = D × number of summary tokens.
package radio
