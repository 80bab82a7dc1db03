//go:build !linux

package dbtest

import "syscall"

// unprivileged leaves the user as it is: off Linux, tests are not run as root.
func unprivileged(string) (*syscall.SysProcAttr, error) { return &syscall.SysProcAttr{}, nil }
