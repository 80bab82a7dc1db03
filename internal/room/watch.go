package room

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/fault"
	"github.com/anteroom-dev/anteroom/internal/notice"
)

// ErrStreamExpired says that a stream has lasted as long as one may.
var ErrStreamExpired = fault.New(fault.Unavailable, "stream_expired", "the stream has lasted its time: open another")

// errSeesOther says that a watcher may see other rooms than a moment ago.
var errSeesOther = errors.New("the watcher sees other rooms now")

// maxWatch is how long a stream lasts; who goes on watching signs in anew.
const maxWatch = time.Hour

// Wish is what somebody wants to watch.
type Wish struct {
	Rooms    []string // ids or slugs
	Revision string   // of the last change that was seen; "" at the first time
	Ticket   string   // of a guest's pass
}

// Change is what a watcher is told: a snapshot, a notice, that notices were
// missed, or, with none of them, that the stream lives.
type Change struct {
	Revision string
	Snapshot []Watched
	Notice   *notice.Notice
	Resync   bool
}

// Watched is how things are in a room.
type Watched struct {
	*Room
	People []*ent.Participation
}

// Watch tells of rooms, by send, until ctx is done, send fails, or there is
// nothing left that the caller may watch. A caller who is too slow misses
// changes, and is told so, and how things are now.
func (r *Rooms) Watch(ctx context.Context, wish Wish, send func(Change) error) error {
	w := &watch{Rooms: r, Wish: wish, who: auth.From(ctx), send: send, expire: r.now().Add(maxWatch)}
	for {
		rooms, err := w.look(ctx)
		if err != nil {
			return err
		}
		w.see(rooms)
		err = w.follow(ctx)
		if errors.Is(err, notice.ErrBehind) {
			err = w.send(Change{Revision: w.cursors.Revision(), Resync: true})
		}
		if err != nil && !errors.Is(err, errSeesOther) {
			return err
		}
		w.Revision = ""
	}
}

// watch is one stream.
type watch struct {
	*Rooms
	Wish
	who     auth.Principal // as of the last heartbeat
	send    func(Change) error
	expire  time.Time
	ids     []uuid.UUID // of the rooms that are seen, in order
	cursors notice.Cursors
}

// see notes which rooms are watched; from now on by their ids, as a slug may
// change.
func (w *watch) see(rooms []*Room) {
	w.ids, w.Wish.Rooms = nil, nil
	for _, rm := range rooms {
		w.ids = append(w.ids, rm.ID)
		w.Wish.Rooms = append(w.Wish.Rooms, rm.ID.String())
	}
}

// look reads which of the rooms the caller may watch now, or says why none.
func (w *watch) look(ctx context.Context) ([]*Room, error) {
	a := asker{w.who, w.now()}
	ticketRoom, err := w.ticketRoom(a, w.Ticket)
	if err != nil {
		return nil, err
	}
	rooms, err := watched(ctx, w.db.Client, a, w.Wish.Rooms)
	if err != nil {
		return nil, err
	}
	if len(rooms) == 0 {
		return nil, ErrNotFound
	}
	rooms = slices.DeleteFunc(rooms, func(rm *Room) bool {
		return !mayWatch(watcherFacts{role: rm.Role, operator: a.Operator, signedIn: a.SignedIn(), ticket: ticketRoom == rm.ID})
	})
	switch {
	case len(rooms) > 0:
		return rooms, nil
	case ticketRoom != uuid.Nil:
		return nil, ErrTicket
	case !a.SignedIn():
		return nil, auth.ErrSignInRequired
	}
	return nil, ErrDenied
}

// ticketRoom is the room that a guest's ticket is of.
func (r *Rooms) ticketRoom(a asker, ticket string) (uuid.UUID, error) {
	if a.SignedIn() || ticket == "" {
		return uuid.Nil, nil
	}
	_, room, err := r.tickets.verify(ticket)
	return room, err
}

// follow tells what happens until something ends that.
func (w *watch) follow(ctx context.Context) error {
	watcher, err := w.notices.Watch(ctx, w.ids)
	if err != nil {
		return err
	}
	defer watcher.Close()
	if err := w.begin(ctx, watcher.From); err != nil {
		return err
	}
	beat := w.clock.NewTicker(w.notices.Heartbeat())
	defer beat.Stop()
	for err == nil {
		select {
		case <-ctx.Done():
			err = ctx.Err()
		case n, open := <-watcher.C:
			if !open {
				return watcher.Err()
			}
			err = w.pass(ctx, n)
		case <-beat.Chan():
			err = w.beat(ctx)
		}
	}
	return err
}

// begin goes on from the revision that the caller has seen, or tells how things
// are.
func (w *watch) begin(ctx context.Context, now notice.Cursors) error {
	from, missed, ok, err := w.notices.Since(ctx, w.Revision, w.ids)
	if err != nil {
		return err
	}
	if !ok {
		w.cursors = now
		return w.snapshot(ctx)
	}
	w.cursors = from
	err = w.send(Change{Revision: w.cursors.Revision()})
	for i := 0; i < len(missed) && err == nil; i++ {
		err = w.pass(ctx, missed[i])
	}
	return err
}

// snapshot is read after the watcher's place in the notices was taken, so it
// lacks nothing that they do not tell.
func (w *watch) snapshot(ctx context.Context) error {
	rooms, err := w.look(ctx)
	if err != nil {
		return err
	}
	if err := showLive(ctx, w.db.Client, rooms); err != nil {
		return err
	}
	people, err := peopleIn(ctx, w.db.Client, w.ids...)
	if err != nil {
		return err
	}
	shown := make([]Watched, len(rooms))
	for i, rm := range rooms {
		shown[i] = Watched{rm, people[rm.ID]}
	}
	return w.send(Change{Revision: w.cursors.Revision(), Snapshot: shown})
}

// pass tells a notice that the caller does not have yet, or if it is not for them,
// that there was one. After the end of a room there is something else to see.
func (w *watch) pass(ctx context.Context, n notice.Notice) error {
	if n.ID <= w.cursors[n.RoomID] {
		return nil
	}
	shown, seen, err := w.notices.For(ctx, n)
	if err != nil {
		return err
	}
	w.cursors[n.RoomID] = n.ID
	change := Change{Revision: w.cursors.Revision()}
	if seen {
		change.Notice = &shown
	}
	err = w.send(change)
	if _, deleted := n.Fact.(notice.RoomDeleted); deleted && err == nil {
		err = errSeesOther
	}
	return err
}

// beat says that the stream lives, if the caller is still who they were and may
// see what it shows.
func (w *watch) beat(ctx context.Context) (err error) {
	if !w.now().Before(w.expire) {
		return ErrStreamExpired
	}
	if w.who, err = auth.Again(ctx); err != nil {
		return err
	}
	rooms, err := w.look(ctx)
	if err != nil {
		return err
	}
	if !slices.EqualFunc(rooms, w.ids, func(rm *Room, id uuid.UUID) bool { return rm.ID == id }) {
		return errSeesOther
	}
	return w.send(Change{Revision: w.cursors.Revision()})
}
