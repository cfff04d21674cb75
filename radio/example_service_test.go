package radio_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"cradio/radio"
	"cradio/radio/image"
)

// embed answers a request whose body is an image file with its summary.
func embed(enc *radio.Encoder, batcher *radio.Batcher) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body := http.MaxBytesReader(w, r.Body, 32<<20)
		result, err := batcher.Do(r.Context(), enc.Reader("body", body))
		if err != nil {
			http.Error(w, err.Error(), status(err))
			return
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{
			"height": result.Height, "width": result.Width, "summary": radio.Normalize(result.Vector()),
		})
	}
}

// status is what to answer to an error.
func status(err error) int {
	var (
		format  *image.FormatError
		damaged *image.DamagedError
		pixels  *image.TooManyPixelsError
		bytes   *http.MaxBytesError
		memory  *radio.TooLargeError
	)
	switch {
	case errors.As(err, &format):
		return http.StatusUnsupportedMediaType
	case errors.As(err, &damaged):
		return http.StatusBadRequest
	case errors.As(err, &pixels), errors.As(err, &bytes), errors.As(err, &memory):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, radio.ErrBusy), errors.Is(err, radio.ErrBatcherClosed), errors.Is(err, radio.ErrClosed):
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// A service: requests that come at one time share a forward pass, too many at one time are sent
// away, and one whose client has gone takes no part.
func ExampleBatcher() {
	m, err := radio.Open(context.Background(), "synthetic:nano", radio.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer m.Close()
	enc := radio.NewEncoder(m)
	enc.Size = radio.PixelCount(96 * 96)
	enc.Request.NoFeatures = true
	enc.Decode.MaxPixels = 50_000_000
	batcher, err := radio.NewBatcher(enc, radio.BatcherOptions{Refuse: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer batcher.Close()
	server := httptest.NewServer(embed(enc, batcher))
	defer server.Close()

	photo, err := os.ReadFile("../conformance/images/chelsea.jpg")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, body := range [][]byte{photo, photo[:len(photo)/2], []byte("a letter")} {
		answer, err := http.Post(server.URL, "application/octet-stream", bytes.NewReader(body))
		if err != nil {
			fmt.Println(err)
			return
		}
		text, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		var got struct {
			Height, Width int
			Summary       []float32
		}
		if json.Unmarshal(text, &got) == nil {
			fmt.Println(answer.Status, got.Height, "×", got.Width, "summary of", len(got.Summary))
			continue
		}
		message, _, _ := strings.Cut(string(text), ",")
		fmt.Println(answer.Status, strings.TrimSpace(message))
	}
	// Output:
	// 200 OK 80 × 112 summary of 192
	// 400 Bad Request body: JPEG: the file is truncated: the data ends within a scan
	// 415 Unsupported Media Type body: it is text that begins with "a letter"
}
