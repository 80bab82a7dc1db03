package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"

	entmeeting "github.com/anteroom-dev/anteroom/ent/meeting"
	"github.com/anteroom-dev/anteroom/ent/participation"
	entroom "github.com/anteroom-dev/anteroom/ent/room"
	"github.com/anteroom-dev/anteroom/ent/schema"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/job"
	account "github.com/anteroom-dev/anteroom/internal/meeting"
	"github.com/anteroom-dev/anteroom/internal/notice"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/livekit"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/embedded"
	"github.com/anteroom-dev/anteroom/internal/webhook"
)

// reconcileCommand is `bench reconcile`: what a round costs while all is well.
type reconcileCommand struct {
	Database []string `help:"Which databases." default:"sqlite,postgres" enum:"sqlite,postgres"`
	Rooms    int      `help:"How many rooms are live." default:"1000"`
	People   int      `help:"How many people are in each." default:"10"`
	Rounds   int      `help:"How many rounds are measured." default:"3"`
	Livekit  string   `help:"The livekit-server to ask." type:"existingfile" placeholder:"PATH"`
}

// Run prints a line for each database.
func (c *reconcileCommand) Run(ctx context.Context) (err error) {
	folder, err := os.MkdirTemp("", "anteroom-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	self, err := os.Executable()
	if err != nil {
		return err
	}
	var truth held
	child, err := startChild(ctx, &truth, self, "held", "--rooms", strconv.Itoa(c.Rooms), "--people", strconv.Itoa(c.People))
	if err != nil {
		return err
	}
	defer child.stop()
	lk, err := embedded.Start(ctx, embedded.Options{
		Binary: c.Livekit, Dir: folder, APIKey: "bench", APISecret: "a secret of thirty-two characters", RedisAddr: truth.Redis,
	})
	if err != nil {
		return err
	}
	defer lk.Stop()
	provider, err := livekit.New(livekit.Config{
		InternalURL: lk.URL(), PublicURL: lk.WSURL(), APIKey: "bench", APISecret: "a secret of thirty-two characters",
	})
	if err != nil {
		return err
	}
	for _, name := range c.Database {
		if err := c.measure(ctx, name, folder, truth, provider); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (c *reconcileCommand) measure(ctx context.Context, name, folder string, truth held, provider *livekit.Provider) (err error) {
	url := "sqlite:" + filepath.Join(folder, "reconcile.db")
	if name == "postgres" {
		server, err := dbtest.StartPostgres(ctx, dbtest.Options{})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, server.Stop()) }()
		url = server.URL("postgres")
	}
	d, err := db.Open(ctx, url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := errors.Join(d.Migrate(ctx), truth.believe(ctx, d)); err != nil {
		return err
	}
	looker := &peopled{Provider: provider}
	providers := video.Providers{video.LiveKit: looker}
	log, clock := slog.New(slog.DiscardHandler), clockwork.NewRealClock()
	jobs := job.New(d, log)
	inbox := webhook.New(d, clock, log, providers, jobs, account.New(clock, providers, jobs, notice.New(d, clock, log, jobs, time.Minute)).Apply)
	for range c.Rounds {
		if err := looker.round(ctx, name, inbox); err != nil {
			return err
		}
	}
	return nil
}

// peopled is LiveKit's provider, but for whether somebody is alive: these people
// were only ever written into its Redis.
type peopled struct {
	*livekit.Provider
	calls atomic.Int64
}

// Look implements video.Looker.
func (p *peopled) Look(ctx context.Context, known []string, ours func(string) bool) (video.Look, error) {
	look, err := p.Provider.Look(ctx, known, ours)
	p.calls.Add(int64(look.Calls))
	return look, err
}

// Alive implements video.Looker.
func (p *peopled) Alive(context.Context, string, string) (bool, error) {
	p.calls.Add(1)
	return true, nil
}

func (p *peopled) round(ctx context.Context, name string, inbox *webhook.Inbox) error {
	p.calls.Store(0)
	before, err := ownClock()
	if err != nil {
		return err
	}
	begin := time.Now()
	mends, err := inbox.Reconcile(ctx)
	if err != nil {
		return err
	}
	if len(mends) > 0 {
		return fmt.Errorf("all was well, and yet it mended %v", mends)
	}
	took := time.Since(begin)
	after, err := ownClock()
	fmt.Printf("%s: a reconcile took %.0f ms of our CPU (wanted: under 2000), %.0f ms in all, and %d questions to LiveKit\n",
		name, milliseconds(after-before), milliseconds(took), p.calls.Load())
	return err
}

// believe writes into a database what LiveKit holds.
func (h held) believe(ctx context.Context, d *db.DB) error {
	began := time.Now().Add(-time.Minute)
	for _, room := range h.Rooms {
		if err := d.InTx(ctx, func(tx *db.Tx) error { return room.believe(ctx, tx, began) }); err != nil {
			return err
		}
	}
	return nil
}

func (r heldRoom) believe(ctx context.Context, tx *db.Tx, began time.Time) error {
	err := tx.Room.Create().SetID(r.ID).SetSlug("room-" + r.ID.String()).SetName("Room").SetAccessLevel(entroom.AccessLevelPublic).
		SetSettings(schema.RoomSettings{}).SetProvider(entroom.ProviderLivekit).SetCreatorID(uuid.New()).
		SetCreateTime(began).SetUpdateTime(began).Exec(ctx)
	if err != nil {
		return err
	}
	m, err := tx.Meeting.Create().SetRoomID(r.ID).SetProvider(entmeeting.ProviderLivekit).SetProviderSid(r.SID).
		SetStartTime(began).SetCreateTime(began).Save(ctx)
	if err != nil {
		return err
	}
	for n, sid := range r.People {
		err := tx.Participation.Create().SetMeetingID(m.ID).SetRoomID(r.ID).SetProvider(participation.ProviderLivekit).
			SetProviderSid(sid).SetIdentity(identityOf(n)).SetKind(participation.KindWeb).
			SetJoinTime(began).SetCreateTime(began).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}
