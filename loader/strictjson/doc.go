// Package strictjson reads JSON of which nobody knows who wrote it.
//
// It accepts less than encoding/json does: the text has a bounded length and bounded nesting, is
// UTF-8, has no key twice in one object, and nothing follows the value. Where a program takes the
// first of two keys and another takes the last, a file means two things. Memory is allocated for
// what the text holds, not for what it claims.
//
//	err := strictjson.Unmarshal(text, strictjson.Limits{}, &header)
//
// [Unmarshal] is for text of a known structure, [Check] for one that is looked at later. A [Reader]
// reads value by value, without a tree in memory, and knows where in the text it is.
package strictjson
