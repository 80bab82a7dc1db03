package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/internal/console"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/job"
	"github.com/anteroom-dev/anteroom/internal/meeting"
	"github.com/anteroom-dev/anteroom/internal/notice"
	"github.com/anteroom-dev/anteroom/internal/recording"
	"github.com/anteroom-dev/anteroom/internal/room"
	"github.com/anteroom-dev/anteroom/internal/rpc"
	"github.com/anteroom-dev/anteroom/internal/server"
	"github.com/anteroom-dev/anteroom/internal/sip"
	"github.com/anteroom-dev/anteroom/internal/storage"
	"github.com/anteroom-dev/anteroom/internal/telemetry"
	"github.com/anteroom-dev/anteroom/internal/user"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/livekit"
	"github.com/anteroom-dev/anteroom/internal/webhook"
)

// jobStopTimeout is how long running jobs may take to end.
const jobStopTimeout = 10 * time.Second

// defaultHeartbeat is how often a stream says that it lives.
const defaultHeartbeat = 20 * time.Second

// app is the program, wired and not yet running.
type app struct {
	config  Config
	db      *db.DB
	jobs    *job.Queue
	meeting *meeting.Meetings
	notices *notice.Notices
	store   storage.Store
	record  *recording.Recordings
	sip     *sip.SIP
	inbox   *webhook.Inbox
	told    *webhook.Notifications
	queue   *storage.Queue // nil for none
	vitals  *video.Vitals
	handler http.Handler

	provider *livekit.Provider
}

// build opens the database, brings it up to date and wires the nouns.
func build(ctx context.Context, c Config) (*app, error) {
	d, err := openDatabase(ctx, c.DatabaseURL)
	if err != nil {
		return nil, err
	}
	if err := d.Migrate(ctx); err != nil {
		_ = d.Close()
		return nil, err
	}
	return assemble(ctx, c, d)
}

// assemble wires the nouns on a migrated database, which it closes if it fails:
// the only place where they meet.
func assemble(ctx context.Context, c Config, d *db.DB) (*app, error) {
	provider, err := livekit.New(c.LiveKit)
	if err != nil {
		_ = d.Close()
		return nil, err
	}
	a := &app{config: c, db: d, provider: provider}
	if err := a.openStore(ctx); err != nil {
		_ = d.Close()
		return nil, err
	}
	if err := a.wire(video.Providers{video.LiveKit: provider}); err != nil {
		_ = a.close()
		return nil, err
	}
	return a, nil
}

// openStore opens the store of the recordings. A command that runs no jobs and
// serves nobody has none.
func (a *app) openStore(ctx context.Context) (err error) {
	if a.config.Storage.URL == "" {
		return nil
	}
	if a.store, err = storage.Open(ctx, a.config.Storage); err != nil {
		return fmt.Errorf("open the store of the recordings: %w", err)
	}
	return nil
}

func (a *app) close() error {
	err := a.db.Close()
	if a.store != nil {
		err = errors.Join(err, a.store.Close())
	}
	return err
}

func (a *app) wire(providers video.Providers) error {
	c, d := a.config, a.db
	if c.Ready == nil {
		c.Ready = d.Ping
	}
	a.jobs = job.New(d, c.Log)
	a.notices = notice.New(d, c.Clock, c.Log, a.jobs, cmp.Or(c.Heartbeat, defaultHeartbeat))
	telephone, err := sip.New(d, c.Clock, c.Log, providers, a.jobs, c.Telephony)
	if err != nil {
		return err
	}
	meetings := meeting.New(c.Clock, providers, a.jobs, a.notices)
	a.meeting = meetings
	rooms := room.New(d, c.Clock, providers, c.Provider, c.Secret, a.notices, telephone.RoomChanged, meetings.RoomChanged, a.recordingsOf)
	rooms.TrustIssuers(c.issuers())
	c.Recording.Issuers = c.issuers()
	history := meeting.NewHistory(d, c.Clock, rooms.Guest)
	users := user.New(d, c.Clock)
	a.record = recording.New(d, c.Clock, c.Log, providers, a.jobs, a.notices, a.store, rooms.Holder, c.Recording)
	inbox := webhook.New(d, c.Clock, c.Log, providers, a.jobs, meetings.Apply, a.record.Apply, telephone.Apply)
	inbox.KeepBodies(c.KeepBodies)
	inbox.OnLook(a.record.Review)
	a.sip, a.inbox, a.vitals = telephone, inbox, video.NewVitals(providers)
	authenticator, signIn, err := c.authenticator(users)
	if err != nil {
		return err
	}
	rooms.AskRecordings(a.record)
	a.told = webhook.NewNotifications(c.StorageToken, a.record.Witnessed)
	if c.StorageQueue != "" {
		if a.queue, err = storage.NewQueue(c.StorageQueue, c.Clock, c.Log); err != nil {
			return err
		}
	}
	a.handler = server.Handler(server.Config{
		Log: c.Log, Auth: authenticator, SignIn: signIn, Origins: c.SignIn.Origins, Console: console.Handler(), Ready: c.Ready, Version: version,
		Metrics: a.metrics(),
		Media:   a.record.Media, Store: a.store,
		Nouns: rpc.Nouns{
			Rooms: rooms, History: history, SIP: telephone, Users: users, Recordings: a.record, Inbox: inbox,
			Notifications: a.told, Providers: providers, Vitals: a.vitals, SignIn: signIn != nil,
		},
	})
	return nil
}

// recordingsOf tells recordings of a change to a room; they are made after the
// rooms, of which they ask who holds a ticket.
func (a *app) recordingsOf(ctx context.Context, tx *db.Tx, before, after *ent.Room) error {
	return a.record.RoomChanged(ctx, tx, before, after)
}

// metrics are those of the process and those that are read when somebody asks.
func (a *app) metrics() prometheus.Gatherer {
	read := prometheus.NewRegistry()
	read.MustRegister(telemetry.Gauges(a.config.Log, slices.Concat(
		meeting.Gauges(a.db), a.jobs.Gauges(), a.record.Gauges(), a.sip.Gauges(), a.inbox.Gauges(), a.vitals.Gauges())...))
	return prometheus.Gatherers{prometheus.DefaultGatherer, read}
}

// run serves on a listener and works off jobs until ctx is done; then requests
// and jobs that run may end. ready is called when nothing is left to go wrong.
func (a *app) run(ctx context.Context, l net.Listener, ready func() error) error {
	return a.work(ctx, func() error {
		if err := ready(); err != nil {
			return err
		}
		return server.Serve(ctx, l, a.handler, a.config.Log)
	})
}

// work runs jobs and shows notices while serve does, which ends soon after ctx;
// then jobs that run may end.
func (a *app) work(ctx context.Context, serve func() error) error {
	defer func() { _ = a.close() }()
	start := func() error { return a.jobs.Start(context.WithoutCancel(ctx)) }
	if err := whileAway(ctx, a.config.Log, start); err != nil {
		return err
	}
	if a.config.Recording.Mail == nil {
		a.config.Log.InfoContext(ctx, "no mail server is configured: nobody is told of recordings by mail")
	}
	defer a.hearQueue(ctx)()
	go a.vitals.Watch(ctx)
	a.notices.Start()
	defer a.notices.Stop()
	defer context.AfterFunc(ctx, a.notices.Stop)() // the server's end waits for the streams
	err := serve()
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), jobStopTimeout)
	defer cancel()
	if stopErr := a.jobs.Stop(stop); err == nil {
		err = stopErr
	}
	return err
}

// hearQueue takes what the queue of a bucket's notifications brings until ctx is
// done, and gives what waits for the end of that.
func (a *app) hearQueue(ctx context.Context) (wait func()) {
	if a.queue == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { a.queue.Run(ctx, a.told.Take) })
	return func() { cancel(); running.Wait() }
}
