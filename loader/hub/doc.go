// Package hub fetches models from the Hugging Face hub, or from another that speaks as it does, into the cache that
// Python's huggingface_hub uses: each reads what the other wrote.
//
//	c, err := hub.FromEnvironment(os.Getenv)
//	dir, err := c.Resolve(ctx, "nvidia/C-RADIOv2-B") // a folder for loader.OpenFolder
//
// A [Client] holds where the cache is, where the hub is, and the token; [FromEnvironment] fills it in as Python would.
// [Parse] reads names. [Client.Snapshot] gives the files of a model and downloads what is missing; [Client.Resolve] is
// both in one. [Client.Cached] lists what is there.
//
// A download goes on where it was interrupted, is checked by the hash that the hub lists, and takes its place in the cache
// when it is whole. Other processes, Python's among them, are kept out by a lock meanwhile. The token is sent to the
// hub's own address, and not to where that redirects to.
//
// Errors say in words what to do, and wrap one of the kinds Err….
package hub
