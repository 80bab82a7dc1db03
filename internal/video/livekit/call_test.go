package livekit_test

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"testing"
	"time"

	lk "github.com/livekit/protocol/livekit"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/livekit"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
)

func TestASilentServerIsGivenUp(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	provider := local(t, func(c *livekit.Config) {
		c.InternalURL, c.Timeout = "http://"+listener.Addr().String(), 50*time.Millisecond
	})
	before := requests(t, "DeleteRoom", "deadline_exceeded")
	err = provider.EndMeeting(t.Context(), "room")
	require.ErrorIs(t, err, video.ErrUnavailable)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Equal(t, before+1, requests(t, "DeleteRoom", "deadline_exceeded"), "asked once and counted once")
}

func TestLiveKitRefuses(t *testing.T) {
	server := livekittest.Start(t)
	known := livekittest.Provider(t, server)
	stranger := local(t, func(c *livekit.Config) {
		c.InternalURL, c.APISecret = server.URL(), "another secret, as long as the real one"
	})
	for name, ask := range map[string]func() error{
		"create with another key": func() error { return create(t, stranger, video.Rule{RoomName: "a", PIN: "1111"}) },
		"list with another key":   func() error { _, err := stranger.ListRules(t.Context()); return err },
		"delete with another key": func() error { return stranger.DeleteRule(t.Context(), "SDR_1") },
		"end with another key":    func() error { return stranger.EndMeeting(t.Context(), "room") },
		"delete nothing":          func() error { return known.DeleteRule(t.Context(), "") },
	} {
		t.Run(name, func(t *testing.T) {
			err := ask()
			require.ErrorIs(t, err, video.ErrRefused)
			require.NotContains(t, err.Error(), "1111")
			require.NotContains(t, err.Error(), "eyJ", "a token in an error")
		})
	}
}

func create(t *testing.T, dialer video.Dialer, r video.Rule) error {
	t.Helper()
	_, err := dialer.CreateRule(t.Context(), r)
	return err
}

func TestAllRulesAreListed(t *testing.T) {
	server := livekittest.Start(t)
	provider := livekittest.Provider(t, server)
	pins := make([]string, 2100) // LiveKit reads them by the thousand
	for i := range pins {
		pins[i] = strconv.Itoa(i)
	}
	storeRules(t, server.RedisAddr(), pins...)

	rules, err := provider.ListRules(t.Context())
	require.NoError(t, err)
	ids := map[string]bool{}
	for _, rule := range rules {
		ids[rule.ID] = true
	}
	require.Len(t, rules, len(pins))
	require.Len(t, ids, len(pins), "each once")
}

// storeRules puts rules with these PINs where LiveKit keeps them, as two of its
// servers could at the same time. Made one by one, each would be compared with
// all others.
func storeRules(t *testing.T, redisAddr string, pins ...string) {
	t.Helper()
	client := redisClient(t, redisAddr)
	fields := map[string]any{}
	for i, pin := range pins {
		id := fmt.Sprintf("SDR_%d", i)
		value, err := proto.Marshal(&lk.SIPDispatchRuleInfo{
			SipDispatchRuleId: id,
			Rule: &lk.SIPDispatchRule{Rule: &lk.SIPDispatchRule_DispatchRuleDirect{
				DispatchRuleDirect: &lk.SIPDispatchRuleDirect{RoomName: id, Pin: pin},
			}},
		})
		require.NoError(t, err)
		fields[id] = value
	}
	require.NoError(t, client.HSet(t.Context(), "sip_dispatch_rule", fields).Err())
}

func TestTwoRulesOfOnePINStopAllCreation(t *testing.T) {
	server := livekittest.Start(t)
	provider := livekittest.Provider(t, server)
	storeRules(t, server.RedisAddr(), "1111", "1111")
	rule := video.Rule{RoomName: "c", RoomID: "c", PIN: "2222"}
	require.ErrorIs(t, create(t, provider, rule), video.ErrRuleExists)
	require.NoError(t, provider.DeleteRule(t.Context(), "SDR_0"))
	require.NoError(t, create(t, provider, rule))
}

// requests reads the counter of calls.
func requests(t *testing.T, method, outcome string) float64 {
	t.Helper()
	families, err := prometheus.DefaultGatherer.Gather()
	require.NoError(t, err)
	for _, family := range families {
		if family.GetName() != "anteroom_livekit_requests_total" {
			continue
		}
		for _, metric := range family.Metric {
			if metric.Label[0].GetValue() == method && metric.Label[1].GetValue() == outcome {
				return metric.Counter.GetValue()
			}
		}
	}
	return 0
}
