package bench_test

import (
	"cradio/bench/report"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPlot: the length of a bar is the speed, and an entrant that disagrees has none.
func TestPlot(t *testing.T) {
	var b strings.Builder
	require.NoError(t, report.Plot(&b, []*report.Report{sample(t)}, []string{"B:224:1:float32"}))
	type text struct {
		Y    int    `xml:"y,attr"`
		Text string `xml:",chardata"`
	}
	var svg struct {
		Rect []struct {
			X     string `xml:"x,attr"`
			Width string `xml:"width,attr"`
			Fill  string `xml:"fill,attr"`
		} `xml:"rect"`
		Text []text `xml:"text"`
		Line []struct {
			X int `xml:"x1,attr"`
		} `xml:"line"`
	}
	require.NoError(t, xml.Unmarshal([]byte(b.String()), &svg))
	require.Len(t, svg.Rect, 1+2+2) // the ground, the legend, and the bars
	ours, peer := svg.Rect[3], svg.Rect[4]
	require.NotEqual(t, ours.Fill, peer.Fill)
	require.Equal(t, svg.Rect[1].Fill, ours.Fill)
	var left, long, short int
	_, err := fmt.Sscan(ours.X, &left)
	require.NoError(t, err)
	_, err = fmt.Sscan(ours.Width, &long)
	require.NoError(t, err)
	_, err = fmt.Sscan(peer.Width, &short)
	require.NoError(t, err)
	require.InDelta(t, 2*short, long, 1) // 250 ms and 500
	require.Equal(t, left+short, svg.Line[0].X)
	var texts []string
	for _, t := range svg.Text {
		texts = append(texts, t.Text)
	}
	require.Subset(t, texts, []string{"cradio", "peer", "250 ms", "500 ms", "B 224 px, batch 1, float32", "A CPU, avx2"})
	require.NotContains(t, texts, "odd")
}

func TestPlotRefuses(t *testing.T) {
	err := report.Plot(io.Discard, []*report.Report{sample(t)}, []string{"L:224:1:float32"})
	require.ErrorContains(t, err, "no such case")
}
