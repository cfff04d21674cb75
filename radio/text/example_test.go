package text_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"cradio/radio/text"
	"cradio/radio/text/token"
)

// A tower of synthetic weights: the numbers mean nothing, but need no file.
func Example() {
	ctx := context.Background()
	config := &text.Config{
		Width: 64, Heads: 2, Depth: 3, Hidden: 256, Context: 77, Vocabulary: 49408, Embed: 48,
		Activation: text.QuickGELU, Eps: 1e-5, Causal: true, Pool: text.PoolLargest,
	}
	tower, err := text.Synthetic(config, token.CLIP(), text.Options{})
	if err != nil {
		panic(err)
	}
	defer tower.Close()

	templates, err := text.Templates("simple")
	if err != nil {
		panic(err)
	}
	classifier, err := text.NewClassifier(ctx, tower, []string{"tabby cat", "golden retriever"}, templates, nil)
	if err != nil {
		panic(err)
	}
	summary := make([]float32, config.Embed) // of a picture, from the adaptor that the tower belongs to
	summary[0] = 1
	cosines, err := classifier.Cosines(summary)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.3f\n", cosines)
	fmt.Println(classifier.Classes[text.Top(cosines, 1)[0]])
	// Output:
	// [-0.186 -0.227]
	// tabby cat
}

// A classifier that is kept needs no tower when it is read again.
func ExampleLoadClassifier() {
	ctx := context.Background()
	config := &text.Config{
		Width: 64, Heads: 2, Depth: 1, Hidden: 256, Context: 77, Vocabulary: 49408, Embed: 48,
		Activation: text.QuickGELU, Eps: 1e-5, Causal: true, Pool: text.PoolLargest,
	}
	tower, err := text.Synthetic(config, token.CLIP(), text.Options{})
	if err != nil {
		panic(err)
	}
	defer tower.Close()
	classes := []string{"tabby cat", "golden retriever"}
	made, err := text.NewClassifier(ctx, tower, classes, []string{"a photo of a {}."}, nil)
	if err != nil {
		panic(err)
	}
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "pets.safetensors")
	if err := made.Save(ctx, path); err != nil {
		panic(err)
	}

	kept, err := text.LoadClassifier(path)
	if err != nil {
		panic(err)
	}
	fmt.Println(kept.Classes, kept.Embed)
	fmt.Println(kept.Check(ctx, tower, classes, []string{"a drawing of a {}."}))
	// Output:
	// [tabby cat golden retriever] 48
	// it is of other templates: template 1 was "a photo of a {}.", and is "a drawing of a {}." now
}
