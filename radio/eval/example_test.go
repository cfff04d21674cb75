package eval_test

import (
	"context"
	"fmt"
	"log"

	"cradio/radio/eval"
)

// Four labelled vectors answer for two others.
func ExampleNearest() {
	train := eval.Set{Width: 2, Features: []float32{
		1, 0.1,
		1, 0.2,
		0.1, 1,
		0.3, 1,
	}, Labels: []int{0, 0, 1, 1}}
	near, err := eval.Nearest(context.Background(), train.Features, []float32{2, 0.1, 0.2, 3}, train.Width, 3, eval.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("rows", near.Rows)
	fmt.Println("classes", near.Predict(train.Labels, 2, 3, eval.Temperature))
	// Output:
	// rows [0 1 3 2 3 1]
	// classes [0 1]
}

// The C is chosen on a part of train. The test part has no say.
func ExampleSweep() {
	ctx := context.Background()
	part := func(values ...float32) eval.Set {
		s := eval.Set{Features: values, Width: 1}
		for _, v := range values {
			s.Labels = append(s.Labels, map[bool]int{false: 0, true: 1}[v > 0])
		}
		return s
	}
	train, val, test := part(-3, -2, -1, 1, 2, 3), part(-2.5, 1.5), part(-4, 0.5, 5)
	c, _, err := eval.Sweep(ctx, train, val, 2, []float64{0.01, 1, 100}, eval.LogisticOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fit, err := eval.FitLogistic(ctx, train.Join(val), 2, eval.LogisticOptions{C: c})
	if err != nil {
		log.Fatal(err)
	}
	answers, err := fit.Predict(ctx, test.Features, eval.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("C", c, "answers", answers)
	// Output: C 0.01 answers [0 1 1]
}

func ExampleConfuse() {
	c, err := eval.Confuse(3, []int{0, 0, 1, 1}, []int{0, 1, 1, 1})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("accuracy", c.Accuracy())
	fmt.Println("recall", c.Recalls(), "mean", eval.Mean(c.Recalls()))
	// Output:
	// accuracy 0.75
	// recall [0.5 1 NaN] mean 0.75
}

func ExampleAddMask() {
	areas := eval.NewAreas(3)
	if err := eval.AddMask(areas, []uint8{0, 0, 1, 1}, []uint8{0, 1, 1, 255}); err != nil {
		log.Fatal(err)
	}
	fmt.Println("IoU", areas.IoU(), "mIoU", areas.MeanIoU())
	// Output: IoU [0.5 0.5 NaN] mIoU 0.5
}
