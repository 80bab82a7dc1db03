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
func readBelief(ctx context.Context, c *ent.Client, name video.Name) (belief, error) {
	meetings, err := c.Meeting.Query().Where(meeting.EndTimeIsNil(), meeting.ProviderEQ(meeting.Provider(name))).
		Select(meeting.FieldRoomID, meeting.FieldProviderSid, meeting.FieldStartTime, meeting.FieldCreateTime).All(ctx)
	if err != nil {
		return nil, err
	}
	b, byID := belief{}, map[uuid.UUID]*believed{}
	for _, m := range meetings {
		is := &believed{
			room:  video.EventRoom{Name: m.RoomID.String(), SID: m.ProviderSid},
			since: m.CreateTime, people: map[string]believedPerson{},
		}
		if m.StartTime != nil {
			is.room.StartTime = *m.StartTime
		}
		b[m.ProviderSid], byID[m.ID] = is, is
	}
	people, err := c.Participation.Query().Where(
		participation.LeaveTimeIsNil(), participation.JoinTimeNotNil(), participation.KindNotNil(),
		participation.ProviderEQ(participation.Provider(name)),
	).All(ctx)
	for _, p := range people {
		if m := byID[p.MeetingID]; m != nil {
			m.people[p.ProviderSid] = believedPerson{participantOf(p), p.CreateTime}
		}
	}
	return b, err
}

func participantOf(p *ent.Participation) video.Participant {
	return video.Participant{
		SID: p.ProviderSid, Identity: p.Identity, Name: p.DisplayName, Kind: video.PersonKind(*p.Kind),
		JoinTime: *p.JoinTime, PhoneNumber: p.PhoneNumber, PassID: p.PassID,
	}
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
func stated(ctx context.Context, c *ent.Client, name video.Name, all []doubt) (kept []doubt, err error) {
	var sids, rooms []string
	for _, d := range all {
		if d.kind == video.ParticipantSeen {
			sids, rooms = append(sids, d.who.SID), append(rooms, d.room.SID)
		}
	}
	if len(sids) == 0 {
		return all, nil
	}
	gone, err := c.Participation.Query().Where(participation.ProviderSidIn(db.Padded(sids)...),
		participation.ProviderEQ(participation.Provider(name)), participation.LeaveRankEQ(participation.LeaveRankStated)).
		Select(participation.FieldProviderSid).Strings(ctx)
	if err != nil {
		return nil, err
	}
	over, err := c.Meeting.Query().Where(meeting.ProviderSidIn(db.Padded(rooms)...),
		meeting.ProviderEQ(meeting.Provider(name)), meeting.EndRankEQ(meeting.EndRankStated)).
		Select(meeting.FieldProviderSid).Strings(ctx)
	if err != nil {
		return nil, err
	}
	ended := map[string]bool{}
	for _, sid := range append(gone, over...) {
		ended[sid] = true
	}
	for _, d := range all {
		if d.kind != video.ParticipantSeen || !ended[d.who.SID] && !ended[d.room.SID] {
			kept = append(kept, d)
		}
	}
	return kept, nil
}
