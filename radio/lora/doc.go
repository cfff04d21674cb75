// Package lora has low-rank adapters for the Linears of a backbone, in PEFT's files.
//
//	linears := model.Network().Linears()
//	a, err := lora.New(linears, lora.Config{Rank: 8, Alpha: 16, Targets: []string{"qkv", "proj"}}, 0)
//	err = a.Attach(linears) // training: base weights stay as they are, and packed
//	err = a.Save("adapter") // adapter_config.json, adapter_model.safetensors
//
//	model, err := radio.Open(ctx, name, radio.Options{Adapter: "adapter"}) // merged: costs nothing
//
// [New] and [Load] make an [Adapter]. [Adapter.Attach] computes it beside the Linears, and
// [Adapter.Merge] adds it to their weights. Hu et al., "LoRA: Low-Rank Adaptation of Large Language
// Models", 2021.
package lora
