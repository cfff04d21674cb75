package conformance_test

import (
	"context"
	"fmt"
	"log"

	"cradio/conformance"
)

func ExampleSuite_Run() {
	suite, err := conformance.Open(".")
	if err != nil {
		log.Fatal(err)
	}
	report, err := suite.Run(context.Background(), conformance.Options{Filter: "nano/base-64x64"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(report.Tensors), "tensors")
	fmt.Println("all within limits:", report.Err() == nil)
	// Output:
	// 28 tensors
	// all within limits: true
}

func ExampleFind() {
	dir, err := conformance.Find(".")
	if err != nil {
		log.Fatal(err)
	}
	suite, err := conformance.Open(dir)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(suite.Bundles[0].Name)
	// Output: checkpoints/hub
}
