package hub_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"cradio/loader"
	"cradio/loader/hub"
)

func ExampleParse() {
	for _, name := range []string{"nvidia/C-RADIOv2-B@main", "https://huggingface.co/nvidia/RADIO/blob/main/radio_v2.pth.tar", "./nvidia/C-RADIOv2-B"} {
		repo, ok := hub.Parse(name)
		fmt.Printf("%t %q %q %q\n", ok, repo.ID(), repo.Revision, repo.File)
	}
	// Output:
	// true "nvidia/C-RADIOv2-B" "main" ""
	// true "nvidia/RADIO" "main" "radio_v2.pth.tar"
	// false "/" "" ""
}

func ExampleClient_Resolve() {
	client, err := hub.FromEnvironment(os.Getenv)
	if err != nil {
		log.Fatal(err)
	}
	client.Progress = func(e hub.Event) { fmt.Println(e.File, e.Done, "of", e.Total) }
	dir, err := client.Resolve(context.Background(), "nvidia/C-RADIOv2-B")
	if err != nil {
		log.Fatal(err)
	}
	checkpoint, err := loader.OpenFolder(dir)
	if err != nil {
		log.Fatal(err)
	}
	defer checkpoint.Close()
}

func ExampleClient_Cached() {
	client, err := hub.FromEnvironment(os.Getenv)
	if err != nil {
		log.Fatal(err)
	}
	models, err := client.Cached(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	for _, m := range models {
		fmt.Println(m.Name, m.Revisions, m.Size, m.Loadable(), m.Why)
	}
}
