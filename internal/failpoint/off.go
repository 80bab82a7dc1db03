//go:build !failpoint

// Package failpoint has places in the program at which a test kills it. There are none in a
// program that is built without the tag failpoint.
package failpoint

// Here is a place of this name.
func Here(string) {}
