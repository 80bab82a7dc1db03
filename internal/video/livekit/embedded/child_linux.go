package embedded

import "syscall"

// childAttributes makes the kernel kill the child when we are killed ourselves,
// and keeps a Ctrl-C on the terminal from it: we stop it when we are done with it.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
