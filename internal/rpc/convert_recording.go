package rpc

import (
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/consent"
	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	"github.com/anteroom-dev/anteroom/ent/schema"
	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/access"
	"github.com/anteroom-dev/anteroom/internal/meeting"
	"github.com/anteroom-dev/anteroom/internal/notice"
	"github.com/anteroom-dev/anteroom/internal/recording"
	"github.com/anteroom-dev/anteroom/internal/room"
)

var (
	recordingModes = map[anteroomv1.RecordingMode]entrecording.Mode{
		anteroomv1.RecordingMode_RECORDING_MODE_SCREEN:      entrecording.ModeScreen,
		anteroomv1.RecordingMode_RECORDING_MODE_AUDIO:       entrecording.ModeAudio,
		anteroomv1.RecordingMode_RECORDING_MODE_PARTICIPANT: entrecording.ModeParticipant,
		anteroomv1.RecordingMode_RECORDING_MODE_TRACKS:      entrecording.ModeTracks,
	}
	recordingStatuses = map[anteroomv1.RecordingStatus]entrecording.Status{
		anteroomv1.RecordingStatus_RECORDING_STATUS_STARTING:        entrecording.StatusStarting,
		anteroomv1.RecordingStatus_RECORDING_STATUS_ACTIVE:          entrecording.StatusActive,
		anteroomv1.RecordingStatus_RECORDING_STATUS_STOPPING:        entrecording.StatusStopping,
		anteroomv1.RecordingStatus_RECORDING_STATUS_COMPLETED:       entrecording.StatusCompleted,
		anteroomv1.RecordingStatus_RECORDING_STATUS_LIMIT_REACHED:   entrecording.StatusLimitReached,
		anteroomv1.RecordingStatus_RECORDING_STATUS_FAILED:          entrecording.StatusFailed,
		anteroomv1.RecordingStatus_RECORDING_STATUS_ABORTED:         entrecording.StatusAborted,
		anteroomv1.RecordingStatus_RECORDING_STATUS_FAILED_TO_START: entrecording.StatusFailedToStart,
	}
	recordingRoles = map[anteroomv1.RecordingRole]access.Role{
		anteroomv1.RecordingRole_RECORDING_ROLE_OWNER:  access.Owner,
		anteroomv1.RecordingRole_RECORDING_ROLE_ADMIN:  access.Admin,
		anteroomv1.RecordingRole_RECORDING_ROLE_MEMBER: access.Member,
	}
	policies = map[anteroomv1.RecordingPolicy]string{
		anteroomv1.RecordingPolicy_RECORDING_POLICY_OFF:        recording.PolicyOff,
		anteroomv1.RecordingPolicy_RECORDING_POLICY_MANUAL:     recording.PolicyManual,
		anteroomv1.RecordingPolicy_RECORDING_POLICY_AUTOMATIC:  recording.PolicyAutomatic,
		anteroomv1.RecordingPolicy_RECORDING_POLICY_COMPLIANCE: recording.PolicyCompliance,
	}
	triggers = map[anteroomv1.RecordingTrigger]string{
		anteroomv1.RecordingTrigger_RECORDING_TRIGGER_FIRST_PERSON:  recording.TriggerFirstPerson,
		anteroomv1.RecordingTrigger_RECORDING_TRIGGER_SECOND_PERSON: recording.TriggerSecondPerson,
		anteroomv1.RecordingTrigger_RECORDING_TRIGGER_HOST:          recording.TriggerHost,
	}
	audiences = map[anteroomv1.RecordingAudience]string{
		anteroomv1.RecordingAudience_RECORDING_AUDIENCE_OWNERS:    recording.AudienceOwners,
		anteroomv1.RecordingAudience_RECORDING_AUDIENCE_MEMBERS:   recording.AudienceMembers,
		anteroomv1.RecordingAudience_RECORDING_AUDIENCE_ATTENDEES: recording.AudienceAttendees,
	}
	fates = map[anteroomv1.RecordingsFate]room.Fate{
		anteroomv1.RecordingsFate_RECORDINGS_FATE_UNSPECIFIED: room.Keep,
		anteroomv1.RecordingsFate_RECORDINGS_FATE_KEEP:        room.Keep,
		anteroomv1.RecordingsFate_RECORDINGS_FATE_DELETE:      room.Delete,
		anteroomv1.RecordingsFate_RECORDINGS_FATE_REFUSE:      room.Refuse,
	}
	decisions = map[anteroomv1.ConsentDecision]consent.Decision{
		anteroomv1.ConsentDecision_CONSENT_DECISION_GIVEN:    consent.DecisionGiven,
		anteroomv1.ConsentDecision_CONSENT_DECISION_DECLINED: consent.DecisionDeclined,
	}
	processingStatuses = map[anteroomv1.ProcessingStatus]string{
		anteroomv1.ProcessingStatus_PROCESSING_STATUS_RUNNING: "running",
		anteroomv1.ProcessingStatus_PROCESSING_STATUS_DONE:    "done",
		anteroomv1.ProcessingStatus_PROCESSING_STATUS_FAILED:  "failed",
	}
)

// showRecordingSettings adds a room's settings of recording, each as it is in
// effect.
func showRecordingSettings(shown *anteroomv1.RoomSettings, s schema.RoomSettings) {
	downloads := !s.DownloadsOff
	shown.RecordingPolicy = anteroomv1.RecordingPolicy_RECORDING_POLICY_MANUAL
	if s.RecordingPolicy != "" {
		shown.RecordingPolicy = from(policies, s.RecordingPolicy)
	}
	shown.RecordingTrigger = anteroomv1.RecordingTrigger_RECORDING_TRIGGER_FIRST_PERSON
	if s.RecordingTrigger != "" {
		shown.RecordingTrigger = from(triggers, s.RecordingTrigger)
	}
	shown.RecordingMode = anteroomv1.RecordingMode_RECORDING_MODE_SCREEN
	if s.RecordingMode != "" {
		shown.RecordingMode = from(recordingModes, entrecording.Mode(s.RecordingMode))
	}
	shown.RecordingAudience = anteroomv1.RecordingAudience_RECORDING_AUDIENCE_OWNERS
	if s.RecordingAudience != "" {
		shown.RecordingAudience = from(audiences, s.RecordingAudience)
	}
	shown.TrackRecording, shown.ConsentRequired, shown.Downloads = &s.TrackRecording, &s.ConsentRequired, &downloads
	shown.RecordingRetention = durationpb.New(s.RecordingRetention)
	shown.RecordingAudienceDuration = durationpb.New(s.RecordingAudienceDuration)
}

func fromLiveRecording(rec *ent.Recording) *anteroomv1.LiveRecording {
	if rec == nil {
		return nil
	}
	return &anteroomv1.LiveRecording{
		Id: rec.ID.String(), Mode: from(recordingModes, rec.Mode), Status: from(recordingStatuses, rec.Status), StartTime: fromTime(rec.StartTime),
		LimitNear: rec.Status == entrecording.StatusActive && rec.LimitNearTime != nil,
	}
}

func fromRecording(r *recording.Recording) *anteroomv1.Recording {
	shown := &anteroomv1.Recording{
		Id: r.ID.String(), Room: r.RoomID.String(), RoomName: r.Edges.Room.Name, Meeting: idOrEmpty(r.MeetingID),
		Mode: from(recordingModes, r.Mode), Status: from(recordingStatuses, r.Status), Error: r.Reason,
		StartedBy: idOrEmpty(r.StarterID), StartTime: fromTime(r.StartTime), EndTime: fromTime(r.EndTime),
		Title: r.Title, ExpireTime: fromTime(r.ExpireTime), AvailableTime: fromTime(r.AvailableTime),
		NotifyTime: fromTime(r.NotifyTime), ExpiredTime: fromTime(r.ExpiredTime), CreateTime: timestamppb.New(r.CreateTime),
		MyRole: from(recordingRoles, r.Role), Owners: r.Owners, OwnerCount: uint32(r.OwnerCount), Downloads: r.Saves(),
	}
	if r.DurationMs > 0 {
		shown.Duration = durationpb.New(time.Duration(r.DurationMs) * time.Millisecond)
	}
	for _, f := range r.Edges.Files {
		shown.Files = append(shown.Files, fromFile(f, r.Callers))
	}
	for _, p := range r.Processing {
		shown.Processing = append(shown.Processing, fromProcessing(p))
	}
	return shown
}

func fromProcessing(p schema.Processing) *anteroomv1.Processing {
	return &anteroomv1.Processing{
		Processor: p.Processor, Status: from(processingStatuses, p.Status), Url: p.URL, Time: timestamppb.New(p.Time),
	}
}

func fromAvailable(f notice.RecordingAvailable) *anteroomv1.RecordingAvailable {
	shown := &anteroomv1.RecordingAvailable{
		RecordingId: f.RecordingID.String(), MeetingId: idOrEmpty(f.Recording.MeetingID), Title: f.Recording.Title,
		RoomName: f.Recording.Edges.Room.Name, StartTime: fromTime(f.Recording.StartTime),
		Duration:         durationpb.New(time.Duration(f.Recording.DurationMs) * time.Millisecond),
		ParticipantCount: uint32(f.People),
	}
	callers := map[uuid.UUID]string{}
	for _, p := range f.Participants {
		callers[p.ID] = p.PhoneNumber
		shown.Participants = append(shown.Participants, fromPerson(personOf(p)))
	}
	for _, file := range f.Files {
		linked := &anteroomv1.LinkedFile{File: fromFile(file.RecordingFile, callers), Url: file.URL}
		if file.URL != "" {
			linked.ExpireTime = timestamppb.New(file.ExpireTime)
		}
		shown.Files = append(shown.Files, linked)
	}
	return shown
}

func fromFile(f *ent.RecordingFile, callers map[uuid.UUID]string) *anteroomv1.RecordingFile {
	shown := &anteroomv1.RecordingFile{
		Id: f.ID.String(), Key: f.Key, Size: uint64(f.Size), ContentType: f.ContentType,
		Participant: idOrEmpty(f.ParticipationID), TrackSid: f.TrackSid, StartTime: fromTime(f.StartTime),
		ArchiveTime: fromTime(f.ArchiveTime),
	}
	if f.ParticipationID != nil {
		shown.CallerNumber = meeting.Masked(callers[*f.ParticipationID])
	}
	if f.DurationMs > 0 {
		shown.Duration = durationpb.New(time.Duration(f.DurationMs) * time.Millisecond)
	}
	return shown
}

func fromRecordingAccess(a *ent.RecordingAccess) *anteroomv1.RecordingAccess {
	shown := &anteroomv1.RecordingAccess{
		Id: a.ID.String(), User: idOrEmpty(a.UserID), Everyone: a.Everyone, Role: from(recordingRoles, access.ByName(a.Role.String())),
		CreateTime: timestamppb.New(a.CreateTime), ExpireTime: fromTime(a.ExpireTime),
	}
	if a.Email != nil {
		shown.Email = *a.Email
	}
	if u, err := a.Edges.UserOrErr(); err == nil && u.Email != "" {
		shown.Email = u.Email
	}
	return shown
}

func fromConsent(c *ent.Consent) *anteroomv1.Consent {
	return &anteroomv1.Consent{
		Id: c.ID.String(), Meeting: c.MeetingID.String(), Identity: c.Identity,
		Decision: from(decisions, c.Decision), Time: timestamppb.New(c.DecideTime),
	}
}

func idOrEmpty(id *uuid.UUID) string {
	if id == nil {
		return ""
	}
	return id.String()
}
