// Package data reads sets of pictures with labels, masks or depth maps, and splits them.
//
//	d, err := data.Open("flowers")           // a folder for each class, or a list
//	err = d.Read(ctx, nil)                   // which pictures can be read, and their checksums
//	err = d.Split("", data.Fractions{Val: 0.1, Test: 0.2}, 0) // unless the set is split already
//	for _, i := range d.Part(data.Train) { use(d.Items[i].Path, d.Items[i].Labels) }
//
// Where to start, by what you have:
//
//	a folder for each class          Open: DIR/cat/1.jpg, or DIR/train/cat/1.jpg and DIR/test/…
//	a list, .csv, .tsv, .jsonl, .txt Open: path, and label or labels; perhaps split
//	a list with other columns        Columns{Path: "image_id", Label: "dx"}.Open
//	pictures with metadata.jsonl     Open: file_name, and label or labels, as Hugging Face's ImageFolder
//	pictures and masks of classes    Paired, or Pairs of two folders; then ReadMask, with ParseClassMap for colours
//	pictures and depth maps          the same; then ReadDepth
//	nothing                          Generate draws pictures with labels, masks or depth
//
// A split depends on the contents of a picture only: its SHA-256 and the seed choose the part.
// So copies of a picture are in one part, and a picture stays in its part when others are added.
//
// For training, [Rand] gives random numbers that depend on the seed, the epoch, the sample and the
// purpose only, and [Batches] says which samples a step takes.
//
// Nothing here trusts its input. Sizes are bounded, and errors name the file, and the line and
// the field of a list.
package data
