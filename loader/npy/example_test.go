package npy_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"log"

	"cradio/loader/npy"
)

func ExampleWrite() {
	var file bytes.Buffer
	if err := npy.Write(&file, []int{2, 3}, []float32{1, 2, 3, 4, 5, 6}); err != nil {
		log.Fatal(err)
	}
	shape, data, err := npy.Read(&file)
	fmt.Println(shape, data, err)
	// Output: [2 3] [1 2 3 4 5 6] <nil>
}

func ExampleNewZip() {
	var file bytes.Buffer
	z := npy.NewZip(&file)
	if err := z.Strings("paths", []string{"cat.jpg", "dog.jpg"}); err != nil {
		log.Fatal(err)
	}
	if err := z.Float32("summary", []int{2, 2}, []float32{1, 2, 3, 4}); err != nil {
		log.Fatal(err)
	}
	if err := z.Close(); err != nil {
		log.Fatal(err)
	}

	// In Python: numpy.load("file.npz")["summary"]. In Go:
	archive, err := zip.NewReader(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		log.Fatal(err)
	}
	member, err := archive.Open("summary.npy")
	if err != nil {
		log.Fatal(err)
	}
	shape, data, err := npy.Read(member)
	fmt.Println(shape, data, err)
	// Output: [2 2] [1 2 3 4] <nil>
}
