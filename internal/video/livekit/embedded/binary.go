package embedded

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// BinaryName is the program that is started.
const BinaryName = "livekit-server"

// BinaryEnv names the program when no path is given.
const BinaryEnv = "ANTEROOM_LIVEKIT_SERVER"

// FindBinary finds livekit-server: at the explicit path, else where BinaryEnv
// says, else beside this program, in ./bin or in PATH. The error says what to do.
func FindBinary(explicit string) (string, error) {
	if explicit == "" {
		explicit = os.Getenv(BinaryEnv)
	}
	if explicit != "" {
		path, err := exec.LookPath(explicit)
		if err != nil {
			return "", fmt.Errorf("%s is not a program that can be started: build one with `make build` or name another with --%s or $%s",
				explicit, BinaryName, BinaryEnv)
		}
		return filepath.Abs(path)
	}
	for _, candidate := range []string{besideProgram(), filepath.Join(".", "bin", BinaryName), BinaryName} {
		if path, err := exec.LookPath(candidate); err == nil {
			return filepath.Abs(path)
		}
	}
	return "", fmt.Errorf("no %s beside this program, in ./bin or in PATH: build it with `make build` or name one with --%s or $%s",
		BinaryName, BinaryName, BinaryEnv)
}

func besideProgram() string {
	program, err := os.Executable()
	if err != nil {
		return ""
	}
	return filepath.Join(filepath.Dir(program), BinaryName)
}
