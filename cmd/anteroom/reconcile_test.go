package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/ent"
	entroom "github.com/anteroom-dev/anteroom/ent/room"
	"github.com/anteroom-dev/anteroom/ent/schema"
	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/livekit"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
)

// reconcile runs the command as a process, with settings in its environment, and
// gives what it wrote.
func reconcile(t *testing.T, env []string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), self, append([]string{"reconcile"}, args...)...)
	said := &lockedBuffer{}
	cmd.Env, cmd.Stderr = append(append(os.Environ(), asProgram+"=1"), env...), said
	out, err := cmd.Output()
	return string(out), strings.TrimSpace(said.String()), err
}

func aRoom(t *testing.T, d *db.DB) *ent.Room {
	t.Helper()
	now := time.Now().UTC()
	return d.Room.Create().SetSlug("room-" + uuid.NewString()).SetName("Room").SetAccessLevel(entroom.AccessLevelPublic).
		SetSettings(schema.RoomSettings{DialIn: true}).SetProvider(entroom.ProviderLivekit).SetCreatorID(uuid.New()).
		SetCreateTime(now).SetUpdateTime(now).SaveX(t.Context())
}

// TestReconcileCommand: LiveKit tells nobody anything. Somebody is in a room, and
// there is a rule of another one that nobody is in.
func TestReconcileCommand(t *testing.T) {
	for name, database := range dbtest.URLs(t) {
		t.Run(name, func(t *testing.T) {
			server := livekittest.Start(t)
			d := dbtest.Open(t, database)
			occupied, empty := aRoom(t, d).ID.String(), aRoom(t, d).ID.String()
			lk := livekittest.Provider(t, server)
			another := uuid.NewString() // installation's room
			for pin, roomID := range map[string]string{"1111": empty, "2222": another} {
				_, err := lk.CreateRule(t.Context(), video.Rule{RoomName: roomID, RoomID: roomID, PIN: pin})
				require.NoError(t, err)
			}
			livekittest.Join(t, livekittest.CallerPass(t, server.WSURL(), occupied, "+15557777"))
			env := []string{
				"ANTEROOM_DATABASE_URL=" + database, "ANTEROOM_LIVEKIT_URL=" + server.URL(),
				"ANTEROOM_LIVEKIT_API_KEY=" + livekittest.APIKey, "ANTEROOM_LIVEKIT_API_SECRET=" + livekittest.APISecret,
			}
			out, said, err := reconcile(t, env, "--json", "--verbose")
			require.NoError(t, err, said)
			var told struct{ Mended map[string]int }
			require.NoError(t, json.Unmarshal([]byte(out), &told), out)
			require.Equal(t, map[string]int{"join_unheard": 1, "start_unheard": 1, "rule_superfluous": 1}, told.Mended)
			require.Contains(t, said, "join_unheard")
			require.NotContains(t, said, "5557777")
			require.Equal(t, 1, d.Participation.Query().Where(db.Present).CountX(t.Context()))
			var jobs int
			require.NoError(t, d.SQL.QueryRowContext(t.Context(), "SELECT count(*) FROM river_job WHERE kind = 'sip.settle' AND state = 'available'").Scan(&jobs))
			require.Equal(t, 2, jobs, "for who runs jobs: a rule to make, and one to take away")

			out, said, err = reconcile(t, env, "--no-telephony")
			require.NoError(t, err, said)
			require.Equal(t, "nothing to mend\n", out)
			require.Empty(t, said)

			server.Stop()
			_, said, err = reconcile(t, env)
			require.Error(t, err)
			require.Contains(t, said, "cannot be reached")
		})
	}
}

// TestReconcileBesideDev: two processes on one SQLite. A rule that LiveKit has
// lost is found by the one and made again by the other.
func TestReconcileBesideDev(t *testing.T) {
	data := t.TempDir()
	d := startDev(t, "--data", data, "--listen", "127.0.0.1:0")
	defer d.stop(t, syscall.SIGTERM)
	user := d.client(t, d.UserToken)
	made, err := user.CreateRoom(t.Context(), &anteroomv1.CreateRoomRequest{Name: "Reconciled"})
	require.NoError(t, err)
	joined, err := user.JoinRoom(t.Context(), &anteroomv1.JoinRoomRequest{Room: made.GetRoom().GetId()})
	require.NoError(t, err)
	livekittest.Join(t, video.Pass{ServerURL: joined.GetPass().GetServerUrl(), Token: joined.GetPass().GetToken()})
	await(t, settleLimit, "somebody is in and has a rule", func() bool { return d.rule(t).GetStatus() == present })
	lk, err := livekit.New(livekit.Config{InternalURL: d.LivekitURL, APIKey: d.LivekitAPIKey, APISecret: d.LivekitAPISecret})
	require.NoError(t, err)
	require.NoError(t, lk.DeleteRule(t.Context(), d.rule(t).GetLivekitRuleId()))

	out, said, err := reconcile(t, nil, "--data", data)
	require.NoError(t, err, said)
	require.Equal(t, "rule_missing       1\n", out)
	await(t, settleLimit, "the rule is there again", func() bool {
		rules, err := lk.ListRules(t.Context())
		require.NoError(t, err)
		return len(rules) == 1 && rules[0].PIN == made.GetRoom().GetDialIn().GetPin()
	})
}

// TestReconcileRefusals: what is missing is one sentence that says what to do.
func TestReconcileRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		want []string
	}{
		"no settings": {nil, []string{"--database-url", "--data"}},
		"no LiveKit":  {[]string{"--database-url", dbtest.SQLiteURL(t)}, []string{"--livekit-url", "--livekit-api-secret"}},
		"no folder":   {[]string{"--data", t.TempDir()}, []string{"no anteroom dev has run in"}},
	} {
		t.Run(name, func(t *testing.T) {
			out, said, err := reconcile(t, nil, c.args...)
			require.Error(t, err)
			require.Empty(t, out)
			for _, want := range c.want {
				require.Contains(t, said, want)
			}
			require.NotContains(t, said, "\n", "one sentence")
		})
	}
}
