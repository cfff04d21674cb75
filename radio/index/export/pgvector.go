package export

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"cradio/loader"
)

// pgvector writes a script for psql. It makes a table that is named after the index, in one transaction:
// an earlier one stays until the new one is complete.
type pgvector struct{ path string }

func (t pgvector) String() string { return t.path }

// mostDimensions is how many numbers pgvector's type vector can have.
const mostDimensions = 16000

func (t pgvector) Write(_ context.Context, s *Set) error {
	if s.Width > mostDimensions {
		return fmt.Errorf("%s: vectors have %d numbers, but pgvector takes at most %d", t.path, s.Width, mostDimensions)
	}
	return loader.WriteFile(t.path, func(w io.Writer) error {
		table := identifier(s.Name)
		_, err := fmt.Fprintf(w, `-- %s of %s. Run it with: psql --set ON_ERROR_STOP=1 --file FILE DATABASE
-- The nearest: SELECT path FROM %s ORDER BY embedding <=> '[…]' LIMIT 10;
BEGIN;
CREATE EXTENSION IF NOT EXISTS vector;
DROP TABLE IF EXISTS %s;
CREATE TABLE %s (path text NOT NULL, path_base64 text, sha256 text NOT NULL, bytes bigint NOT NULL, embedding vector(%d) NOT NULL);
COPY %s (path, path_base64, sha256, bytes, embedding) FROM stdin;
`, oneLine(string(s.Source)), oneLine(s.Model), table, table, table, s.Width, table)
		if err != nil {
			return err
		}
		for p, err := range s.Points {
			if err != nil {
				return err
			}
			if _, err := w.Write(copyLine(p)); err != nil {
				return err
			}
		}
		_, err = fmt.Fprint(w, "\\.\nCOMMIT;\n")
		return err
	})
}

// copyLine is a point in the text format of COPY.
func copyLine(p Point) []byte {
	a := p.about()
	exact := `\N`
	if a.PathBase64 != "" {
		exact = a.PathBase64
	}
	// PostgreSQL has no texts with a zero byte, and neither has a path.
	b := append([]byte(escape.Replace(a.Path)), '\t')
	b = append(append(b, exact...), '\t')
	b = append(append(b, a.SHA256...), '\t')
	b = append(strconv.AppendInt(b, a.Bytes, 10), "\t["...)
	for i, v := range p.Vector {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendFloat(b, float64(v), 'g', -1, 32)
	}
	return append(b, "]\n"...)
}

var escape = strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`)

// identifier is a quoted name of SQL.
func identifier(name string) string {
	valid, _ := text(strings.ReplaceAll(name, "\x00", ""))
	return `"` + strings.ReplaceAll(oneLine(valid), `"`, `""`) + `"`
}

// oneLine keeps a text within its line.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, s)
}
