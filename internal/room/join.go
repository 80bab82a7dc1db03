package room

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/internal/access"
	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// passLifetime is how long a pass opens the door; who is in stays in.
const passLifetime = time.Hour

// Visitor is who stands at the door.
type Visitor struct {
	DisplayName string
	Ticket      string // of an earlier pass; "" at the first time
	Attributes  map[string]string
}

// Pass is what lets one person into the media room.
type Pass struct {
	video.Pass
	ID          uuid.UUID
	Ticket      string
	Provider    video.Name
	Identity    string
	Role        access.Role
	ExpireTime  time.Time
	RefreshTime time.Time
	Recording   *ent.Recording // what is being recorded; nil for nothing
	Asks        bool           // whether this person is asked if they may be recorded
}

// Join lets the caller in, or says why not: one query, and for LiveKit no call
// to the media server.
func (r *Rooms) Join(ctx context.Context, ref string, v Visitor) (*Pass, error) {
	a := r.asker(ctx)
	identity, ticketRoom, err := r.identity(a, v.Ticket)
	if err != nil {
		return nil, err
	}
	d, err := atDoor(ctx, r.db, ref, a, identity)
	switch {
	case err != nil:
		return nil, err
	case ticketRoom != uuid.Nil && ticketRoom != d.roomID:
		return nil, ErrTicket
	case full(d.people, d.settings.MaxParticipants):
		return nil, ErrFull
	}
	return r.issue(ctx, d, identity, v.named(a.Principal))
}

var passes = promauto.NewCounterVec(prometheus.CounterOpts{
	Name: "anteroom_passes_total",
	Help: "Passes given, by provider and role.",
}, []string{"provider", "role"})

// identity is the user's id, or a random one that a guest keeps by the ticket;
// then it also says of which room the ticket is.
func (r *Rooms) identity(a asker, ticket string) (identity string, room uuid.UUID, err error) {
	if a.SignedIn() {
		return a.UserID.String(), uuid.Nil, nil
	}
	if ticket != "" {
		return r.tickets.verify(ticket)
	}
	return guestPrefix + strings.ToLower(rand.Text()), uuid.Nil, nil
}

// Guest finds the identity of the guest who holds a ticket, and the room that it
// is for, or says ErrTicket.
func (r *Rooms) Guest(ticket string) (identity string, room uuid.UUID, err error) {
	return r.tickets.verify(ticket)
}

// Holder finds whose a ticket is, a guest's or a user's, and the room that it is for,
// or says ErrTicket. A user's proves that the room was open to them, and not that
// they are who asks.
func (r *Rooms) Holder(ticket string) (identity string, room uuid.UUID, err error) {
	return r.tickets.holder(ticket)
}

func (v Visitor) named(p auth.Principal) Visitor {
	v.DisplayName = strings.TrimSpace(v.DisplayName)
	if v.DisplayName == "" {
		v.DisplayName = p.FullName
	}
	if v.DisplayName == "" {
		v.DisplayName = "Guest"
	}
	return v
}

func (r *Rooms) issue(ctx context.Context, d *door, identity string, v Visitor) (*Pass, error) {
	provider, err := r.providers.Get(d.provider)
	if err != nil {
		return nil, err
	}
	now := r.now()
	p := &Pass{
		ID: uuid.Must(uuid.NewV7()), Provider: provider.Name(), Identity: identity, Role: d.role,
		ExpireTime: now.Add(passLifetime), RefreshTime: now.Add(passLifetime / 2), Asks: d.settings.ConsentRequired,
	}
	if d.recorded {
		recorded, err := recordedIn(ctx, r.db.Client, d.roomID)
		if err != nil {
			return nil, err
		}
		p.Recording = recorded[d.roomID]
	}
	if p.Pass, err = provider.Pass(ctx, request(d, p, v)); err != nil {
		return nil, err
	}
	passes.WithLabelValues(string(p.Provider), p.Role.String()).Inc()
	p.Ticket, err = r.tickets.issue(d.roomID, identity)
	return p, err
}

func request(d *door, p *Pass, v Visitor) video.PassRequest {
	return video.PassRequest{
		PassID: p.ID.String(), RoomName: d.roomID.String(), Identity: p.Identity, DisplayName: v.DisplayName,
		Role: p.Role.String(), CanPublish: p.Role.Publishes(), PublishSources: d.settings.PublishSources,
		Attributes: v.Attributes, Expires: p.ExpireTime,
		MaxParticipants: d.settings.MaxParticipants,
		EmptyTimeout:    d.settings.EmptyTimeout, DepartureTimeout: d.settings.DepartureTimeout,
	}
}
