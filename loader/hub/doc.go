// Package hub downloads models from the Hugging Face hub, or from a server with the same API. It uses the cache of Python's
// huggingface_hub: each reads what the other downloaded.
//
//	c, err := hub.FromEnvironment(os.Getenv)
//	dir, err := c.Resolve(ctx, "nvidia/C-RADIOv2-B") // a folder for loader.OpenFolder
//
// A [Client] holds the settings: the cache folder, the hub's address and the token. [FromEnvironment] sets them as Python
// does. [Parse] reads the name of a model. [Client.Snapshot] returns the files of a model, and downloads those that are
// missing. [Client.Resolve] combines the two. [Client.Cached] lists the models in the cache.
//
// An interrupted download is resumed. Each file is checked against the hash that the hub lists, and appears in the cache
// only when it is complete. A lock keeps other processes, including Python, from downloading the same file at the same
// time. The token is sent only to the hub, not to servers that it redirects to.
//
// An error tells what to do, and wraps one of the kinds Err….
package hub
