package webhook

import (
	"context"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/meeting"
	"github.com/anteroom-dev/anteroom/ent/participation"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// readBelief reads what is believed to go on at a provider.
func (i *Inbox) readBelief(ctx context.Context, name video.Name) (belief, error) {
	meetings, err := i.db.Meeting.Query().Where(meeting.EndTimeIsNil(), meeting.ProviderEQ(meeting.Provider(name))).All(ctx)
	if err != nil {
		return nil, err
	}
	people, err := i.db.Participation.Query().Where(
		participation.LeaveTimeIsNil(), participation.ProviderEQ(participation.Provider(name)),
	).All(ctx)
	return beliefOf(meetings, people), err
}

// beliefOf are meetings that go on, and of those people who have not left the
// ones in them.
func beliefOf(meetings []*ent.Meeting, people []*ent.Participation) belief {
	b, byID := belief{}, map[uuid.UUID]*believed{}
	for _, m := range meetings {
		is := &believed{
			room:  video.EventRoom{Name: m.RoomID.String(), SID: m.ProviderSid, StartTime: orZero(m.StartTime)},
			since: m.CreateTime, people: map[string]believedPerson{},
		}
		b[m.ProviderSid], byID[m.ID] = is, is
	}
	for _, p := range people {
		if m := byID[p.MeetingID]; m != nil {
			m.people[p.ProviderSid] = believedPerson{participantOf(p), p.CreateTime}
		}
	}
	return b
}

func participantOf(p *ent.Participation) video.Participant {
	return video.Participant{
		SID: p.ProviderSid, Identity: p.Identity, Name: p.DisplayName, Kind: video.PersonKind(orZero(p.Kind)),
		JoinTime: orZero(p.JoinTime), PhoneNumber: p.PhoneNumber, PassID: p.PassID,
	}
}

func orZero[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// names are the rooms in which something is believed to go on.
func (b belief) names() (names []string) {
	for _, m := range b {
		names = append(names, m.room.Name)
	}
	return names
}

// stated keeps those doubts that no statement answers: who was said to have
// left does not come back because a list still has them.
func (r *round) stated(ctx context.Context, all []doubt) (kept []doubt, err error) {
	var sids, rooms []string
	for _, d := range all {
		if d.kind == video.ParticipantSeen {
			sids, rooms = append(sids, d.who.SID), append(rooms, d.room.SID)
		}
	}
	if len(sids) == 0 {
		return all, nil
	}
	ended, err := r.ended(ctx, r.name, sids, rooms)
	if err != nil {
		return nil, err
	}
	for _, d := range all {
		if d.kind != video.ParticipantSeen || !ended[d.who.SID] && !ended[d.room.SID] {
			kept = append(kept, d)
		}
	}
	return kept, nil
}

// readEnded reads which people and meetings, by SID, are stated to be over.
func (i *Inbox) readEnded(ctx context.Context, name video.Name, people, meetings []string) (map[string]bool, error) {
	gone, err := i.db.Participation.Query().Where(participation.ProviderSidIn(db.Padded(people)...),
		participation.ProviderEQ(participation.Provider(name)), participation.LeaveRankEQ(participation.LeaveRankStated)).
		Select(participation.FieldProviderSid).Strings(ctx)
	if err != nil {
		return nil, err
	}
	over, err := i.db.Meeting.Query().Where(meeting.ProviderSidIn(db.Padded(meetings)...),
		meeting.ProviderEQ(meeting.Provider(name)), meeting.EndRankEQ(meeting.EndRankStated)).
		Select(meeting.FieldProviderSid).Strings(ctx)
	if err != nil {
		return nil, err
	}
	ended := map[string]bool{}
	for _, sid := range append(gone, over...) {
		ended[sid] = true
	}
	return ended, nil
}
