package main

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"time"

	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/console"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/job"
	"github.com/anteroom-dev/anteroom/internal/meeting"
	"github.com/anteroom-dev/anteroom/internal/notice"
	"github.com/anteroom-dev/anteroom/internal/room"
	"github.com/anteroom-dev/anteroom/internal/rpc"
	"github.com/anteroom-dev/anteroom/internal/server"
	"github.com/anteroom-dev/anteroom/internal/sip"
	"github.com/anteroom-dev/anteroom/internal/user"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/livekit"
	"github.com/anteroom-dev/anteroom/internal/webhook"
)

// jobStopTimeout is how long running jobs may take to end.
const jobStopTimeout = 20 * time.Second

// defaultHeartbeat is how often a stream says that it lives.
const defaultHeartbeat = 20 * time.Second

// app is the program, wired and not yet running.
type app struct {
	config  Config
	db      *db.DB
	jobs    *job.Queue
	meeting *meeting.Meetings
	notices *notice.Notices
	sip     *sip.SIP
	inbox   *webhook.Inbox
	handler http.Handler
}

// build opens the database, brings it up to date and wires the nouns: the only
// place where they meet.
func build(ctx context.Context, c Config) (*app, error) {
	provider, err := livekit.New(c.LiveKit)
	if err != nil {
		return nil, err
	}
	d, err := db.Open(ctx, c.DatabaseURL)
	if err != nil {
		return nil, err
	}
	a := &app{config: c, db: d}
	if err := a.wire(ctx, video.Providers{video.LiveKit: provider}); err != nil {
		_ = d.Close()
		return nil, err
	}
	return a, nil
}

func (a *app) wire(ctx context.Context, providers video.Providers) error {
	c, d := a.config, a.db
	if err := d.Migrate(ctx); err != nil {
		return err
	}
	a.jobs = job.New(d, c.Log)
	a.notices = notice.New(d, c.Clock, c.Log, a.jobs, cmp.Or(c.Heartbeat, defaultHeartbeat))
	telephone, err := sip.New(d, c.Clock, c.Log, providers, a.jobs, c.Telephony)
	if err != nil {
		return err
	}
	meetings := meeting.New(c.Clock, providers, a.jobs, a.notices)
	a.meeting = meetings
	rooms := room.New(d, c.Clock, providers, c.Provider, c.Secret, a.notices, telephone.RoomChanged, meetings.RoomChanged)
	history := meeting.NewHistory(d, c.Clock, rooms.Guest)
	users := user.New(d, c.Clock)
	inbox := webhook.New(d, c.Clock, c.Log, providers, a.jobs, meetings.Apply, telephone.Apply)
	inbox.KeepBodies(c.KeepBodies)
	a.sip, a.inbox = telephone, inbox
	a.handler = server.Handler(server.Config{
		Log: c.Log, Auth: auth.New(c.Clock, users.Sighted, c.Verifiers...), Console: console.Handler(), Ready: d.Ping, Version: version,
		Nouns: rpc.Nouns{Rooms: rooms, History: history, SIP: telephone, Users: users, Inbox: inbox, Providers: providers},
	})
	return nil
}

// run serves on a listener and works off jobs until ctx is done; then requests
// and jobs that run may end. ready is called when nothing is left to go wrong.
func (a *app) run(ctx context.Context, l net.Listener, ready func() error) error {
	defer func() { _ = a.db.Close() }()
	if err := a.jobs.Start(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	a.notices.Start()
	defer a.notices.Stop()
	defer context.AfterFunc(ctx, a.notices.Stop)() // the server's end waits for the streams
	err := ready()
	if err == nil {
		err = server.Serve(ctx, l, a.handler, a.config.Log)
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), jobStopTimeout)
	defer cancel()
	if stopErr := a.jobs.Stop(stop); err == nil {
		err = stopErr
	}
	return err
}
