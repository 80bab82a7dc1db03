package meeting

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/participation"
	entquality "github.com/anteroom-dev/anteroom/ent/quality"
	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/fault"
)

var (
	// ErrParticipantNotFound says that the caller has no such connection.
	ErrParticipantNotFound = fault.New(fault.NotFound, "participant_not_found", "you have no such connection to a meeting")
	// ErrTooOften says that reports come too fast.
	ErrTooOften = fault.New(fault.Exhausted, "quality_too_often", "report the quality of a connection every 30 seconds")
)

// Client is what somebody came with, in their own words.
type Client struct{ Device, Browser string }

// QualityReport is what a browser saw of its own connection.
type QualityReport struct {
	ParticipantSID string // the provider's
	Ticket         string // of a guest's pass; users need none
	Sequence       uint32 // greater with each report
	Samples        []Sample
	Client         Client
}

// Report counts a report once, however often it is sent: what two at once read
// may be the same, and yet only one of them is added.
func (h *History) Report(ctx context.Context, r QualityReport) error {
	identity, room, err := h.reporter(ctx, r.Ticket)
	if err != nil {
		return err
	}
	p, err := reported(ctx, h.db.Client, r.ParticipantSID, identity, room)
	if err != nil {
		return err
	}
	facts := reportFacts{sequence: int64(r.Sequence), leaveTime: p.LeaveTime, now: h.now()}
	if last, err := p.Edges.QualityOrErr(); err == nil {
		facts.lastSequence, facts.lastTime = last.Sequence, &last.UpdateTime
	}
	if counts, err := facts.counts(); err != nil || !counts {
		return err
	}
	a := fold(r.Samples)
	_, err = h.db.SQL.ExecContext(ctx, addQualities[h.db.Dialect], uuid.Must(uuid.NewV7()), p.ID, facts.sequence, a.samples,
		a.levels[Excellent], a.levels[Good], a.levels[Poor], a.levels[Lost],
		a.packetLoss.count, a.packetLoss.sum, a.packetLoss.max, a.jitterMS.count, a.jitterMS.sum, a.jitterMS.max,
		a.roundTripMS.count, a.roundTripMS.sum, a.roundTripMS.max, r.Client.Device, r.Client.Browser, facts.now)
	if err != nil {
		return fmt.Errorf("add to the quality: %w", err)
	}
	return nil
}

// reporter is the identity of who reports, and for guests also the room of
// their ticket.
func (h *History) reporter(ctx context.Context, ticket string) (identity string, room uuid.UUID, err error) {
	switch p := auth.From(ctx); {
	case p.SignedIn():
		return p.UserID.String(), uuid.Nil, nil
	case ticket == "":
		return "", uuid.Nil, auth.ErrSignInRequired
	}
	return h.ticket(ticket)
}

// reported finds the connection of an identity that a report is about, with its
// quality so far.
func reported(ctx context.Context, c *ent.Client, sid, identity string, room uuid.UUID) (*ent.Participation, error) {
	q := c.Participation.Query().Where(participation.ProviderSid(sid), participation.Identity(identity)).WithQuality()
	if room != uuid.Nil {
		q.Where(participation.RoomID(room))
	}
	p, err := q.Only(ctx)
	if ent.IsNotFound(err) || ent.IsNotSingular(err) {
		return nil, ErrParticipantNotFound
	}
	return p, err
}

// addQuality makes or adds to a participation's row, unless the same report or a
// later one was counted in the meantime.
const addQuality = `INSERT INTO ` + entquality.Table + ` AS q (id, participation_id, sequence, samples,
		excellent_ms, good_ms, poor_ms, lost_ms, packet_loss_count, packet_loss_sum, packet_loss_max,
		jitter_count, jitter_ms_sum, jitter_ms_max, round_trip_count, round_trip_ms_sum, round_trip_ms_max,
		device, browser, create_time, update_time)
	VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?20)
	ON CONFLICT (participation_id) DO UPDATE SET sequence = excluded.sequence, samples = q.samples + excluded.samples,
		excellent_ms = q.excellent_ms + excluded.excellent_ms, good_ms = q.good_ms + excluded.good_ms,
		poor_ms = q.poor_ms + excluded.poor_ms, lost_ms = q.lost_ms + excluded.lost_ms,
		packet_loss_count = q.packet_loss_count + excluded.packet_loss_count,
		packet_loss_sum = q.packet_loss_sum + excluded.packet_loss_sum,
		packet_loss_max = GREATEST(q.packet_loss_max, excluded.packet_loss_max),
		jitter_count = q.jitter_count + excluded.jitter_count, jitter_ms_sum = q.jitter_ms_sum + excluded.jitter_ms_sum,
		jitter_ms_max = GREATEST(q.jitter_ms_max, excluded.jitter_ms_max),
		round_trip_count = q.round_trip_count + excluded.round_trip_count,
		round_trip_ms_sum = q.round_trip_ms_sum + excluded.round_trip_ms_sum,
		round_trip_ms_max = GREATEST(q.round_trip_ms_max, excluded.round_trip_ms_max),
		device = excluded.device, browser = excluded.browser, update_time = excluded.update_time
	WHERE excluded.sequence > q.sequence`

var addQualities = texts(addQuality)
