package train_test

import (
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"regexp"
	"runtime/debug"
	"strconv"
	"testing"

	"cradio/radio"
	"cradio/radio/augment"
	"cradio/radio/data"
	"cradio/radio/head"
	"cradio/radio/train"

	"github.com/stretchr/testify/require"
)

// measuredVariable names the recipe that a process is to measure.
const measuredVariable = "CRADIO_TEST_MEASURED_RECIPE"

// fullSize is given to measure plans of C-RADIOv2-B too: a minute of processor time, and 3 GB.
var fullSize = flag.Bool("full", false, "TestPlannedMemory: plans of models of full size too")

// measuredCase is what a process trains.
type measuredCase struct {
	kind   data.Kind
	recipe train.Recipe
	batch  int
	full   bool // of C-RADIOv2-B
}

// measured are recipes whose memory is large enough to be told from what a process needs anyway.
func measured() map[string]measuredCase {
	type m = measuredCase
	size := [2]int{256, 256}
	linear := head.Spec{Kind: head.Linear, Input: []radio.Source{radio.SummarySource}}
	return map[string]m{
		"all":       {data.Labels, train.Recipe{Head: linear, Size: size, Blocks: train.AllBlocks, Augment: augment.Policy{Flip: 0.5}}, 32, false},
		"recompute": {data.Labels, train.Recipe{Head: linear, Size: size, Blocks: train.AllBlocks, Recompute: true}, 32, false},
		"adapter":   {data.Labels, train.Recipe{Head: linear, Size: size, LoRA: &train.LoRA{Rank: 4, Alpha: 4}}, 32, false},
		"stored":    {data.Masks, train.Recipe{Head: head.Spec{Kind: head.Fused, Hidden: []int{256}, Input: []radio.Source{radio.BlockSource(0), radio.FeaturesSource}}, Size: size}, 32, false},
		"B last 4":  {data.Labels, train.Recipe{Head: linear, Size: [2]int{224, 224}, Blocks: 4}, 8, true},
		"B all":     {data.Labels, train.Recipe{Head: linear, Size: [2]int{224, 224}, Blocks: train.AllBlocks}, 8, true},
	}
}

// status reads a line of /proc/self/status, bytes.
func status(t *testing.T, line string) int64 {
	t.Helper()
	text, err := os.ReadFile("/proc/self/status")
	require.NoError(t, err)
	found := regexp.MustCompile(line + `:\s+(\d+) kB`).FindSubmatch(text)
	require.NotNil(t, found, line)
	n, err := strconv.ParseInt(string(found[1]), 10, 64)
	require.NoError(t, err)
	return 1024 * n
}

// TestMeasuredProcess is what the process runs.
func TestMeasuredProcess(t *testing.T) {
	c, ok := measured()[os.Getenv(measuredVariable)]
	if !ok {
		t.Skip("is run by TestPlannedMemory")
	}
	dir := generated(t, c.kind, 2, 40)
	var set *train.Set
	if c.kind == data.Masks {
		set = paired(t, dir, c.kind)
		set.Cache = &train.Cache{Run: t.TempDir()}
	} else {
		set = labelled(t, dir)
	}
	o, m := short(c.batch), nano(t, 0)
	o.Epochs = 6
	if c.full {
		var err error
		m, err = radio.Open(t.Context(), "synthetic:B", radio.Options{})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, m.Close()) })
		o.Epochs, o.Optim.Rate = 1, 1e-5
	}
	run, _ := begin(t, m, set, c.recipe, o, t.TempDir())
	var planned *train.Plan
	run.GCPercent = debug.SetGCPercent
	run.Planned = func(p *train.Plan) { planned = p }
	debug.FreeOSMemory()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		t.Skip("cannot measure: ", err)
	}
	before := status(t, "VmRSS")
	_, err := run.Train(t.Context())
	require.NoError(t, err)
	fmt.Printf("planned %d, grew by %d\n", planned.Peak, status(t, "VmHWM")-before)
}

// measure runs a process, and returns what it planned and what it grew by, bytes.
func measure(t *testing.T, name string) (planned, grew float64) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run", "^TestMeasuredProcess$", "-test.v")
	cmd.Env = append(os.Environ(), measuredVariable+"="+name)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	if reason := regexp.MustCompile("cannot measure: .*").Find(out); reason != nil {
		t.Skip(string(reason))
	}
	_, err = fmt.Sscanf(string(regexp.MustCompile("planned .*").Find(out)), "planned %f, grew by %f", &planned, &grew)
	require.NoError(t, err, string(out))
	return planned, grew
}

// TestPlannedMemory: the peak of the plan, which is printed before the first step, is what the process
// grows by, within 10 %.
func TestPlannedMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	for name, c := range measured() {
		if c.full && !*fullSize {
			continue
		}
		t.Run(name, func(t *testing.T) {
			var planned, grew float64
			for range 3 {
				if planned, grew = measure(t, name); math.Abs(grew/planned-1) <= 0.1 {
					break
				}
				t.Logf("planned %.1f MB, grew by %.1f MB: once more, on a busy machine collections come late", planned/1e6, grew/1e6)
			}
			require.InEpsilon(t, planned, grew, 0.1)
			require.Greater(t, planned, 100e6, "large enough to be told from what a process needs anyway")
			t.Logf("planned %.1f MB, grew by %.1f MB", planned/1e6, grew/1e6)
		})
	}
}
