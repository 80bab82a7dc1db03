package rpc

import (
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/dispatchrule"
	entroom "github.com/anteroom-dev/anteroom/ent/room"
	"github.com/anteroom-dev/anteroom/ent/schema"
	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/access"
	"github.com/anteroom-dev/anteroom/internal/room"
	"github.com/anteroom-dev/anteroom/internal/sip"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// Enums: one table each, read in both directions.
var (
	levels = map[anteroomv1.AccessLevel]entroom.AccessLevel{
		anteroomv1.AccessLevel_ACCESS_LEVEL_PUBLIC:     entroom.AccessLevelPublic,
		anteroomv1.AccessLevel_ACCESS_LEVEL_TRUSTED:    entroom.AccessLevelTrusted,
		anteroomv1.AccessLevel_ACCESS_LEVEL_RESTRICTED: entroom.AccessLevelRestricted,
	}
	providers = map[anteroomv1.Provider]video.Name{
		anteroomv1.Provider_PROVIDER_LIVEKIT: video.LiveKit,
		anteroomv1.Provider_PROVIDER_WHEREBY: video.Whereby,
		anteroomv1.Provider_PROVIDER_DAILY:   video.Daily,
	}
	roles = map[anteroomv1.Role]access.Role{
		anteroomv1.Role_ROLE_OWNER:  access.Owner,
		anteroomv1.Role_ROLE_ADMIN:  access.Admin,
		anteroomv1.Role_ROLE_MEMBER: access.Member,
		anteroomv1.Role_ROLE_GUEST:  access.Guest,
		anteroomv1.Role_ROLE_VIEWER: access.Viewer,
	}
	sources = map[anteroomv1.PublishSource]string{
		anteroomv1.PublishSource_PUBLISH_SOURCE_CAMERA:             video.Camera,
		anteroomv1.PublishSource_PUBLISH_SOURCE_MICROPHONE:         video.Microphone,
		anteroomv1.PublishSource_PUBLISH_SOURCE_SCREEN_SHARE:       video.ScreenShare,
		anteroomv1.PublishSource_PUBLISH_SOURCE_SCREEN_SHARE_AUDIO: video.ScreenShareAudio,
	}
	ruleStatuses = map[anteroomv1.DispatchRuleStatus]dispatchrule.Status{
		anteroomv1.DispatchRuleStatus_DISPATCH_RULE_STATUS_ABSENT:   dispatchrule.StatusAbsent,
		anteroomv1.DispatchRuleStatus_DISPATCH_RULE_STATUS_CREATING: dispatchrule.StatusCreating,
		anteroomv1.DispatchRuleStatus_DISPATCH_RULE_STATUS_PRESENT:  dispatchrule.StatusPresent,
	}
)

// from finds a value's enum; the zero one, unspecified, when it has none.
func from[E ~int32, V comparable](table map[E]V, value V) E {
	for e, v := range table {
		if v == value {
			return e
		}
	}
	return 0
}

func toLevel(l anteroomv1.AccessLevel) entroom.AccessLevel {
	if level, ok := levels[l]; ok {
		return level
	}
	return entroom.AccessLevelRestricted
}

func toProvider(p anteroomv1.Provider) video.Name { return providers[p] }

func fromProvider(n video.Name) anteroomv1.Provider { return from(providers, n) }

func toRole(r anteroomv1.Role) access.Role { return roles[r] }

func fromRoom(rm *room.Room, c *anteroomv1.Capabilities, alwaysRecorded bool) *anteroomv1.Room {
	r := &anteroomv1.Room{
		Id: rm.ID.String(), Slug: rm.Slug, Name: rm.Name,
		AccessLevel: from(levels, rm.AccessLevel), Provider: from(providers, video.Name(rm.Provider)),
		CreateTime: timestamppb.New(rm.CreateTime), UpdateTime: timestamppb.New(rm.UpdateTime), DeleteTime: fromTime(rm.DeleteTime),
		Capabilities: c, MyRole: from(roles, rm.Role), Accesses: fromAccesses(rm.Accesses),
		AlwaysRecorded: alwaysRecorded,
	}
	if rm.May(access.ReadSettings) {
		r.Settings = fromSettings(rm.Settings)
	}
	if rm.May(access.ReadLive) {
		r.Live = fromLive(rm.Live)
	}
	return r
}

func fromLive(l *room.Live) *anteroomv1.Live {
	if l == nil {
		return nil
	}
	return &anteroomv1.Live{
		MeetingId: l.MeetingID.String(), People: uint32(l.People), StartTime: fromTime(l.StartTime), Recording: fromLiveRecording(l.Recording),
	}
}

func fromSettings(s schema.RoomSettings) *anteroomv1.RoomSettings {
	shown := &anteroomv1.RoomSettings{
		MaxParticipants: &s.MaxParticipants, DialIn: &s.DialIn, ViewersOnlyListen: &s.ViewersOnlyListen,
		EmptyTimeout: durationpb.New(s.EmptyTimeout), DepartureTimeout: durationpb.New(s.DepartureTimeout),
	}
	showRecordingSettings(shown, s)
	for _, source := range s.PublishSources {
		shown.PublishSources = append(shown.PublishSources, from(sources, source))
	}
	return shown
}

func fromPass(p *room.Pass) *anteroomv1.Pass {
	return &anteroomv1.Pass{
		Id: p.ID.String(), Ticket: p.Ticket, Provider: from(providers, p.Provider),
		ServerUrl: p.ServerURL, Token: p.Token, RoomUrl: p.RoomURL,
		Identity: p.Identity, Role: from(roles, p.Role),
		ExpireTime: timestamppb.New(p.ExpireTime), RefreshTime: timestamppb.New(p.RefreshTime),
		Recording: fromLiveRecording(p.Recording), ConsentRequired: p.Asks,
	}
}

func fromAccesses(accesses []*ent.Access) []*anteroomv1.Access {
	var shown []*anteroomv1.Access
	for _, a := range accesses {
		shown = append(shown, fromAccess(a))
	}
	return shown
}

func fromAccess(a *ent.Access) *anteroomv1.Access {
	shown := &anteroomv1.Access{
		Id: a.ID.String(), Role: from(roles, access.ByName(a.Role.String())),
		CreateTime: timestamppb.New(a.CreateTime), ExpireTime: fromTime(a.ExpireTime),
	}
	if a.UserID != nil {
		shown.User = a.UserID.String()
	}
	if a.Email != nil {
		shown.Email = *a.Email
	}
	if u, err := a.Edges.UserOrErr(); err == nil && u.Email != "" {
		shown.Email = u.Email
	}
	return shown
}

func fromUser(u *ent.User, operator bool) *anteroomv1.User {
	return &anteroomv1.User{
		Id: u.ID.String(), Subject: u.Subject, Email: u.Email, FullName: u.FullName,
		Language: u.Language, TimeZone: u.TimeZone, Operator: operator, FirstSeenTime: timestamppb.New(u.FirstSeenTime),
	}
}

func fromDialIn(d sip.DialIn) *anteroomv1.DialIn {
	return &anteroomv1.DialIn{
		Numbers: fromNumbers(d.Numbers), Pin: d.Pin, FormattedPin: d.FormattedPin, SipUri: d.URI, TelUri: d.TelURI,
	}
}

func fromNumbers(numbers []sip.Number) []*anteroomv1.DialInNumber {
	var shown []*anteroomv1.DialInNumber
	for _, n := range numbers {
		shown = append(shown, &anteroomv1.DialInNumber{Number: n.E164, Country: n.Country, Label: n.Label, TollFree: n.TollFree})
	}
	return shown
}

func fromRule(r sip.Rule) *anteroomv1.DispatchRule {
	shown := &anteroomv1.DispatchRule{
		Room: r.RoomID.String(), Wanted: r.Wanted, Status: anteroomv1.DispatchRuleStatus_DISPATCH_RULE_STATUS_ABSENT,
	}
	if r.DispatchRule == nil {
		return shown
	}
	shown.Status, shown.UpdateTime = from(ruleStatuses, r.Status), timestamppb.New(r.UpdateTime)
	if r.LivekitRuleID != nil {
		shown.LivekitRuleId = *r.LivekitRuleID
	}
	if r.FailureReason != nil {
		shown.Failure = &errdetails.ErrorInfo{Domain: domain, Reason: *r.FailureReason}
	}
	return shown
}

func fromTime(t *time.Time) *timestamppb.Timestamp {
	if t == nil {
		return nil
	}
	return timestamppb.New(*t)
}

func toTime(t *timestamppb.Timestamp) *time.Time {
	if t == nil {
		return nil
	}
	at := t.AsTime()
	return &at
}
