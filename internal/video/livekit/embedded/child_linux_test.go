package embedded_test

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
)

// parentEnv makes TestParent the parent that is killed.
const parentEnv = "ANTEROOM_TEST_EMBEDDED_PARENT"

func TestAKilledParentLeavesNoServerBehind(t *testing.T) {
	parent := exec.Command(os.Args[0], "-test.run=^TestParent$")
	parent.Env = append(os.Environ(), parentEnv+"=1")
	output, err := parent.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, parent.Start())
	address, err := bufio.NewReader(output).ReadString('\n')
	require.NoError(t, err)

	address = strings.TrimSpace(address)
	require.True(t, open(address))
	require.NoError(t, parent.Process.Kill())
	_ = parent.Wait()
	require.Eventually(t, func() bool { return !open(address) }, 5*time.Second, 10*time.Millisecond,
		"LiveKit outlived its parent")
}

func open(address string) bool {
	connection, err := net.Dial("tcp", address)
	return err == nil && connection.Close() == nil
}

// TestParent is run by TestAKilledParentLeavesNoServerBehind in a process of its
// own; it waits to be killed.
func TestParent(t *testing.T) {
	if os.Getenv(parentEnv) == "" {
		return
	}
	server := livekittest.Start(t)
	fmt.Println(strings.TrimPrefix(server.URL(), "http://"))
	<-server.Exited()
}
