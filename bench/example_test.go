package bench_test

import (
	"context"
	"fmt"
	"time"

	"cradio/bench"
	"cradio/cpu"
	"cradio/radio"
)

func ExampleFLOPs() {
	c := bench.Case{Model: "B", Size: 224, Batch: 1, DType: "float32"}
	flops, err := bench.FLOPs(c)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%v: %.2f GFLOP\n", c, flops/1e9)
	// Output: B 224 px, batch 1, float32: 36.42 GFLOP
}

// Measure this library alone, for a second at most.
func ExampleSuite_Cells() {
	pool := cpu.NewPool(1)
	defer pool.Close()
	local := &bench.Local{Threads: 1}
	defer local.Close()
	suite, _ := bench.NewSuite(pool, 3, func(string, ...any) {})
	suite.Entrants = []bench.Entrant{local}

	c, err := bench.ParseCase("nano:64:1")
	if err != nil {
		fmt.Println(err)
		return
	}
	cells, err := suite.Cells(context.Background(), []bench.Case{c}, time.Second)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, cell := range cells {
		fmt.Println(cell.Case, "by", cell.Results[0].Entrant) // and cell.Results[0].Milliseconds
	}
	// Output: nano 64 px, batch 1, float32 by cradio
}

// Where the time of a forward pass goes.
func ExampleProfile() {
	ctx := context.Background()
	m, err := radio.Open(ctx, "synthetic:nano", radio.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer m.Close()
	c := bench.Case{Model: "nano", Size: 64, Batch: 1, DType: "float32"}
	rows, err := bench.Profile(ctx, m, c, 3)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range rows {
		if r.Path == "blocks.*.attn.context" {
			fmt.Println(r.Path, r.Count, r.FLOPs) // and r.Time
		}
	}
	// Output: blocks.*.attn.context 3 442368
}
