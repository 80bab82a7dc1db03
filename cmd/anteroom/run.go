package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

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
	store   storage.Store
	record  *recording.Recordings
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
	if err := a.openStore(ctx); err != nil {
		_ = d.Close()
		return nil, err
	}
	if err := a.wire(ctx, video.Providers{video.LiveKit: provider}); err != nil {
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
	a.record = recording.New(d, c.Clock, c.Log, providers, a.jobs, a.notices, a.store, rooms.Guest, c.Recording)
	inbox := webhook.New(d, c.Clock, c.Log, providers, a.jobs, meetings.Apply, a.record.Apply, telephone.Apply)
	inbox.KeepBodies(c.KeepBodies)
	a.sip, a.inbox = telephone, inbox
	authenticator, signIn, err := c.authenticator(users)
	if err != nil {
		return err
	}
	a.handler = server.Handler(server.Config{
		Log: c.Log, Auth: authenticator, SignIn: signIn, Origins: c.SignIn.Origins, Console: console.Handler(), Ready: d.Ping, Version: version,
		Media: a.record.Media, Folder: storage.FolderOf(a.store),
		Nouns: rpc.Nouns{
			Rooms: rooms, History: history, SIP: telephone, Users: users, Recordings: a.record, Inbox: inbox, Providers: providers,
			SignIn: signIn != nil,
		},
	})
	return nil
}

// run serves on a listener and works off jobs until ctx is done; then requests
// and jobs that run may end. ready is called when nothing is left to go wrong.
func (a *app) run(ctx context.Context, l net.Listener, ready func() error) error {
	defer func() { _ = a.close() }()
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
