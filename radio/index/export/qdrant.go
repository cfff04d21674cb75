package export

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// qdrant writes to a collection of a Qdrant server, by its REST interface:
// https://api.qdrant.tech/api-reference
type qdrant struct {
	server     *url.URL
	collection string
	key        string
	client     *http.Client
}

// batchPoints and batchBytes bound a request; a server takes 32 MB.
const (
	batchPoints = 256
	batchBytes  = 8 << 20
	answerBytes = 1 << 20
)

func newQdrant(address string) (Target, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("qdrant:%q: want qdrant:http://HOST:6333/NAME", address)
	}
	name := strings.Trim(u.Path, "/")
	if name == "" || strings.Contains(name, "/") {
		return nil, fmt.Errorf("qdrant:%q: want the name of one collection after the host, as in qdrant:http://localhost:6333/photos", address)
	}
	u.Path, u.RawPath = "", ""
	return &qdrant{server: u, collection: name, key: os.Getenv("QDRANT_API_KEY"), client: &http.Client{Timeout: 2 * time.Minute}}, nil
}

func (q *qdrant) String() string { return "qdrant:" + q.server.JoinPath(q.collection).String() }

// point is a point as Qdrant takes it.
type point struct {
	ID      string     `json:"id"`
	Vector  []float32  `json:"vector"`
	Payload pointAbout `json:"payload"`
}

// pointAbout says of a point which index it is of, and which export wrote it.
type pointAbout struct {
	payload
	Index  string `json:"index"`
	Export string `json:"export"`
}

// Write makes the collection, or checks that it fits, and writes the points: those that it had of the same
// pictures are replaced. Then it removes points of the same index that another export wrote.
func (q *qdrant) Write(ctx context.Context, s *Set) error {
	if err := q.prepare(ctx, s); err != nil {
		return err
	}
	export := rand.Text()
	var batch []point
	size := 0
	send := func() error {
		if len(batch) == 0 {
			return nil
		}
		_, err := q.call(ctx, http.MethodPut, "/points?wait=true", map[string]any{"points": batch})
		batch, size = batch[:0], 0
		return err
	}
	for p, err := range s.Points {
		if err != nil {
			return err
		}
		batch = append(batch, point{id(s, p.Path), p.Vector, pointAbout{p.about(), s.Name, export}})
		if size += 12 * len(p.Vector); len(batch) == batchPoints || size >= batchBytes {
			if err := send(); err != nil {
				return err
			}
		}
	}
	if err := send(); err != nil {
		return err
	}
	match := func(key, value string) map[string]any {
		return map[string]any{"key": key, "match": map[string]any{"value": value}}
	}
	_, err := q.call(ctx, http.MethodPost, "/points/delete?wait=true", map[string]any{"filter": map[string]any{
		"must": []any{match("index", s.Name)}, "must_not": []any{match("export", export)},
	}})
	return err
}

// id is a UUID that is the same for the same picture of an index, whenever it is exported.
func id(s *Set, path string) string {
	sum := sha256.Sum256([]byte(s.Name + "\x00" + path))
	b := sum[:16]
	b[6], b[8] = b[6]&0x0f|0x80, b[8]&0x3f|0x80 // version 8, of RFC 9562
	h := hex.EncodeToString(b)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// prepare makes the collection, unless there is one, whose vectors must fit.
func (q *qdrant) prepare(ctx context.Context, s *Set) error {
	answer, err := q.call(ctx, http.MethodGet, "", nil)
	if wrong, ok := err.(*statusError); ok && wrong.code == http.StatusNotFound {
		_, err = q.call(ctx, http.MethodPut, "", map[string]any{"vectors": map[string]any{"size": s.Width, "distance": "Cosine"}})
		return err
	}
	if err != nil {
		return err
	}
	var have struct {
		Result struct {
			Config struct {
				Params struct {
					Vectors struct {
						Size     int    `json:"size"`
						Distance string `json:"distance"`
					} `json:"vectors"`
				} `json:"params"`
			} `json:"config"`
		} `json:"result"`
	}
	if err := json.Unmarshal(answer, &have); err != nil {
		return fmt.Errorf("%s: the answer is not as expected: %.80q; is this a Qdrant server?", q, answer)
	}
	if v := have.Result.Config.Params.Vectors; v.Size != s.Width || v.Distance != "Cosine" {
		return fmt.Errorf("%s: the collection has vectors of %d numbers with the distance %q, want %d and \"Cosine\"; choose another collection", q, v.Size, v.Distance, s.Width)
	}
	return nil
}

// statusError is the error that a server answers with.
type statusError struct {
	where, text string
	code        int
}

func (e *statusError) Error() string {
	do := ""
	switch e.code {
	case http.StatusUnauthorized, http.StatusForbidden:
		do = "; set QDRANT_API_KEY"
	}
	return fmt.Sprintf("%s: the server answers %d: %s%s", e.where, e.code, e.text, do)
}

// call makes a request about the collection, and returns the answer.
func (q *qdrant) call(ctx context.Context, method, what string, body any) ([]byte, error) {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, q.server.JoinPath("collections", q.collection).String()+what, content)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	if q.key != "" {
		r.Header.Set("api-key", q.key)
	}
	answer, err := q.client.Do(r)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("%s: %w; is the server running?", q, err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, answerBytes))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", q, err)
	}
	if answer.StatusCode != http.StatusOK {
		return nil, &statusError{q.String(), fmt.Sprintf("%.200q", text), answer.StatusCode}
	}
	return text, nil
}
