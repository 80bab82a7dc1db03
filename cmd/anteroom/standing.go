package main

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/fault"
	"github.com/anteroom-dev/anteroom/internal/video/livekit"
)

const (
	// retryFirst and retryLast are how soon and how seldom somebody who is away is
	// asked again.
	retryFirst = 100 * time.Millisecond
	retryLast  = 5 * time.Second
	// remindEvery is how often the log says that somebody is still away.
	remindEvery = time.Minute
	// livekitEvery is how often LiveKit is asked whether it is there.
	livekitEvery = 5 * time.Second
)

// What /readyz and the log say of those who are away, and docs/troubleshooting.md too.
const (
	databaseAway = "the database does not answer"
	databaseRead = "the database takes nothing in"
	livekitAway  = "LiveKit does not answer"
	livekitKey   = "LiveKit refuses the API key"
)

var errStarting = fault.New(fault.Unavailable, "server_starting", "the server is starting")

// standing is what a serving process knows of those without whom it cannot serve.
type standing struct {
	log *slog.Logger

	mu       sync.Mutex
	pool     *db.DB // nil while the database was not reached
	database string // why it was not; "" while it was not tried
	livekit  string // what is wrong with LiveKit; "" for nothing
	met      bool   // LiveKit has answered once
}

// ready is nil when the database answers, and LiveKit has done so once: what
// needs no LiveKit is served while that is away later.
func (s *standing) ready(ctx context.Context) error {
	s.mu.Lock()
	pool, database, met, trouble := s.pool, s.database, s.met, s.livekit
	s.mu.Unlock()
	switch {
	case pool == nil:
		return errStarting.Saying(cmp.Or(database, databaseAway))
	case !met:
		return errStarting.Saying(cmp.Or(trouble, "LiveKit was not asked yet"))
	}
	return pool.Ping(ctx)
}

// away names who does not answer though requests are served.
func (s *standing) away() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.livekit == "" {
		return nil
	}
	return []string{s.livekit}
}

func (s *standing) reached(d *db.DB) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pool = d
}

// unreached notes why the database was not reached.
func (s *standing) unreached(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.database = databaseTrouble(err)
}

// databaseTrouble is what an error of a database means that is away.
func databaseTrouble(err error) string {
	if db.IsReadOnly(err) {
		return databaseRead
	}
	return databaseAway
}

// watchLiveKit asks LiveKit again and again until ctx is done, and logs when it
// goes and comes.
func (s *standing) watchLiveKit(ctx context.Context, p *livekit.Provider) {
	tick := time.NewTicker(livekitEvery)
	defer tick.Stop()
	for wait := retryFirst; ; wait = min(2*wait, livekitEvery) {
		met := s.heard(ctx, p.Ping(ctx))
		again := tick.C
		if !met { // soon, as somebody waits for it
			again = time.After(wait)
		}
		select {
		case <-ctx.Done():
			return
		case <-again:
		}
	}
}

// heard notes how a call to LiveKit ended, and says whether one ever went well.
func (s *standing) heard(ctx context.Context, err error) (met bool) {
	trouble := ""
	switch {
	case ctx.Err() != nil:
		return true
	case errors.Is(err, livekit.ErrKey):
		trouble = livekitKey
	case err != nil:
		trouble = livekitAway
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case trouble != "" && trouble != s.livekit:
		s.log.WarnContext(ctx, trouble, slog.Any("error", err))
	case trouble == "" && (s.livekit != "" || !s.met):
		s.log.InfoContext(ctx, "LiveKit answers")
	}
	s.livekit, s.met = trouble, s.met || trouble == ""
	return s.met
}

// whileAway does something until the database is there for it. Whatever else is
// wrong ends it.
func whileAway(ctx context.Context, log *slog.Logger, do func() error) error {
	var said time.Time
	var trouble string
	for wait := retryFirst; ; wait = min(2*wait, retryLast) {
		err := do()
		if !db.IsAway(err) {
			if err == nil && !said.IsZero() {
				log.InfoContext(ctx, "the database answers")
			}
			return err
		}
		if now := databaseTrouble(err); now != trouble || time.Since(said) >= remindEvery {
			log.WarnContext(ctx, now+": waiting for it", slog.Any("error", err))
			trouble, said = now, time.Now()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}
