package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
)

// TestDoctorOfALiveKitWithoutAPublicURL: who runs Anteroom in a cluster and says only
// where LiveKit is there sends browsers to a name that they do not know.
func TestDoctorOfALiveKitWithoutAPublicURL(t *testing.T) {
	lk := livekittest.Start(t)
	i := beside(t, dbtest.SQLiteURL(t), lk.URL(), "")
	found, _ := i.examine(nil)
	require.Equal(t, verdictOK, found["livekit url"].Status, "in development all are on one machine: %v", found)
	i.requireFinding("livekit url", verdictFail, livekitInternal, map[string]string{"ANTEROOM_DEVELOPMENT": "false"})
}

func TestInternalAddresses(t *testing.T) {
	for at, want := range map[string]bool{
		"http://livekit:7880": true, "http://livekit.meet.svc:7880": true, "http://livekit.meet.svc.cluster.local:7880": true,
		"http://LiveKit.Internal.": true, "http://10.1.2.3:7880": true, "https://192.168.1.2": true, "http://127.0.0.1:7880": true,
		"http://[::1]:7880": true, "http://[fd00::1]": true, "http://169.254.1.1": true,
		"https://livekit.example.org": false, "http://203.0.113.7:7880": false, "http://[2001:db8::1]": false,
	} {
		require.Equal(t, want, isInternal(at), at)
	}
}
