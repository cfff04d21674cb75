package line

import (
	"context"
	"io"
)

// Place is the line of an image.
type Place struct {
	Span
	Head    int64  // size of its head, bytes; 0 if the line was reformatted
	Version string // of the program that computed it
}

// Copy writes the line with the head of this run, since the earlier run may have spelled path
// and model differently.
func (p *Place) Copy(ctx context.Context, w io.Writer, from io.ReaderAt, now Head) error {
	if p.Head > 0 {
		if _, err := w.Write(now.Append(nil)); err != nil {
			return err
		}
	}
	_, err := io.Copy(w, Reader(ctx, io.NewSectionReader(from, p.Offset+p.Head, p.Size-p.Head)))
	return err
}

// Reader returns a reader that stops when ctx is done.
func Reader(ctx context.Context, from io.Reader) io.Reader { return &cancellable{ctx, from} }

type cancellable struct {
	ctx context.Context
	r   io.Reader
}

func (c *cancellable) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
