package livekit_test

import (
	"time"

	"github.com/anteroom-dev/anteroom/internal/video"
)

// captured are webhooks of a real LiveKit, by their file in testdata, and what
// they say. Type and Body are not repeated here.
var captured = map[string]video.Event{
	"room_started":  {ID: "EV_emm8BkRFKK5h", Kind: video.RoomStarted, Time: second(1795224602), Room: demo},
	"room_finished": {ID: "EV_vfiHfeYQ8RFQ", Kind: video.RoomFinished, Time: second(1795224615), Room: demo},

	"participant_joined_standard": {
		ID: "EV_D9bXxC2HgKSr", Kind: video.ParticipantJoined, Time: second(1795224602), Room: demo, Participant: bot(""),
	},
	"participant_left_standard": {
		ID: "EV_G4WZo93iDzQW", Kind: video.ParticipantLeft, Time: second(1795224610), Room: demo,
		Participant: bot("CLIENT_INITIATED"),
	},
	"sip_participant_joined": {
		ID: "EV_FuiNhrVTxT3j", Kind: video.ParticipantJoined, Time: second(1795224801), Room: sipRoom,
		Participant: caller("PA_5yXnGttJMm5J", 1795224801100, ""),
	},
	"sip_participant_left_bye": {
		ID: "EV_LwToQwPEPeBJ", Kind: video.ParticipantLeft, Time: second(1795224809), Room: sipRoom,
		Participant: caller("PA_5yXnGttJMm5J", 1795224801100, "CLIENT_INITIATED"),
	},
	"sip_participant_left_room_deleted": {
		ID: "EV_6dWavfSg6CfW", Kind: video.ParticipantLeft, Time: second(1795226600),
		Room:        video.EventRoom{Name: "sip-room", SID: "RM_jv9XvLwL9nRm", StartTime: milli(1795226597829)},
		Participant: caller("PA_yKAZXZW5fN8D", 1795226597830, "ROOM_DELETED"),
	},
	"egress_participant_joined": {
		ID: "EV_GRapKGVArpdC", Kind: video.ParticipantJoined, Time: second(1795225312),
		Room: video.EventRoom{Name: "eg", SID: "RM_t9vxqLEEEgxG", StartTime: milli(1795225282750)},
		Participant: &video.Participant{
			SID: "PA_jxKN8CdVezaP", Identity: "EG_wADw6LoKPysp", Kind: video.Recorder, JoinTime: milli(1795225312066),
		},
	},

	"track_published_opus": track("EV_kozs4Byuo2nY", video.TrackPublished, 1795224602, demoBare,
		"PA_CsFEZt9hiNrB", "bot-1", "TR_AMHmVwyWh2dt3z", video.Microphone),
	"track_published_h264": track("EV_SipD3VToU7Jf", video.TrackPublished, 1795224602, demoBare,
		"PA_CsFEZt9hiNrB", "bot-1", "TR_VCstsxtnz9bun9", video.Camera),
	"track_published_vp8": track("EV_jJBJPoXwxEA4", video.TrackPublished, 1795224606, demoBare,
		"PA_SAL7M987gpKa", "bot-2", "TR_VCMsQLwxBbTovw", video.Camera),
	"track_unpublished": track("EV_MwvgYGasucMN", video.TrackUnpublished, 1795224610, demoBare,
		"PA_CsFEZt9hiNrB", "bot-1", "TR_AMHmVwyWh2dt3z", video.Microphone),
	"sip_track_published": track("EV_iyNCfoBtrLWt", video.TrackPublished, 1795224801,
		video.EventRoom{Name: "sip-room", SID: "RM_H9CpWMc8mgBs"},
		"PA_5yXnGttJMm5J", "sip_+15557777", "TR_AMia7fH2DDeoxQ", video.Microphone),

	"track_egress_started":        egress("EV_ribBqvckuSna", video.EgressStarted, 1795225312, eg, "EG_wADw6LoKPysp", "EGRESS_STARTING"),
	"track_egress_updated_active": egress("EV_9BdsLLuyafBz", video.EgressUpdated, 1795225312, eg, "EG_wADw6LoKPysp", "EGRESS_ACTIVE"),
	"track_egress_updated_ending": egress("EV_U8Y9V2qvnTxg", video.EgressUpdated, 1795225318, eg, "EG_wADw6LoKPysp", "EGRESS_ENDING"),
	"track_egress_ended_complete": egress("EV_yTRLB3DfeZSh", video.EgressEnded, 1795225318, eg, "EG_wADw6LoKPysp", "EGRESS_COMPLETE"),

	"s3_egress_started":             egress("EV_sHtioUYKReyB", video.EgressStarted, 1795225894, egLater, "EG_QnkwHtXoGXnr", "EGRESS_STARTING"),
	"s3_egress_updated_active":      egress("EV_xGh4MaXUJNXs", video.EgressUpdated, 1795225895, egLater, "EG_QnkwHtXoGXnr", "EGRESS_ACTIVE"),
	"s3_egress_updated_ending":      egress("EV_YN2TGrYm5Dds", video.EgressUpdated, 1795225899, egLater, "EG_QnkwHtXoGXnr", "EGRESS_ENDING"),
	"s3_egress_ended_complete":      egress("EV_r8Trwr8rJGJb", video.EgressEnded, 1795225899, egLater, "EG_QnkwHtXoGXnr", "EGRESS_COMPLETE"),
	"s3_egress_ended_failed_upload": egress("EV_KvBhA5SpDWb6", video.EgressEnded, 1795225905, egLater, "EG_swBjjmcNXU67", "EGRESS_FAILED"),

	"egress_ended_aborted": egress("EV_J2STsQsNNbnh", video.EgressEnded, 1795226115,
		video.EventRoom{Name: "empty1", SID: "RM_9hs7vuZKCchj"}, "EG_Ug9fVC5gwKWL", "EGRESS_ABORTED"),
	"egress_ended_complete_source_closed": egress("EV_HjkkLKAgqGpR", video.EgressEnded, 1795225985,
		video.EventRoom{Name: "eg2", SID: "RM_JNGYxgZ956FN"}, "EG_vVZztJUPEeHT", "EGRESS_COMPLETE"),
	"egress_ended_failed_participant_not_found": egress("EV_95gexQeAusjN", video.EgressEnded, 1795225971, egLater, "EG_7uNrf7yHLeMi", "EGRESS_FAILED"),
	"egress_ended_failed_encoder":               egress("EV_DN6aH2F3ST8E", video.EgressEnded, 1795225319, eg, "EG_sKMLN8kCpBcD", "EGRESS_FAILED"),
	"egress_ended_limit_reached":                egress("EV_V6xJL3DyVEPk", video.EgressEnded, 1795225459, eg, "EG_vwQF7TPYmh4f", "EGRESS_LIMIT_REACHED"),
	"participant_egress_ended_complete":         egress("EV_ivfWv2GvfRwx", video.EgressEnded, 1795225393, eg, "EG_j9T7DAk2Qw7m", "EGRESS_COMPLETE"),
	"roomaudio_egress_ended_complete":           egress("EV_bQZvvAhF3NKg", video.EgressEnded, 1795225400, eg, "EG_FeqMapHbxLDT", "EGRESS_COMPLETE"),
	"roomvideo_egress_ended_complete":           egress("EV_hNbxf7Ph8bEj", video.EgressEnded, 1795225432, eg, "EG_AJADeuVzJSFx", "EGRESS_COMPLETE"),
	"trackcomposite_egress_ended_complete":      egress("EV_PauPYtnHEx6d", video.EgressEnded, 1795225385, eg, "EG_doxRmdhMvUQc", "EGRESS_COMPLETE"),
	"roomvideo_aac_egress_ended_complete": egress("EV_koj5XmujWt7r", video.EgressEnded, 1795226487,
		video.EventRoom{Name: "eg", SID: "RM_wmbt4EzUV98S"}, "EG_fnTZxcHf69BP", "EGRESS_COMPLETE"),
}

// Meetings of the captured webhooks. Track and egress events do not state when
// theirs began.
var (
	demo     = video.EventRoom{Name: "demo", SID: "RM_L2Mb3UVkehAR", StartTime: milli(1795224602667)}
	demoBare = video.EventRoom{Name: "demo", SID: "RM_L2Mb3UVkehAR"}
	sipRoom  = video.EventRoom{Name: "sip-room", SID: "RM_H9CpWMc8mgBs", StartTime: milli(1795224790703)}
	eg       = video.EventRoom{Name: "eg", SID: "RM_t9vxqLEEEgxG"}
	egLater  = video.EventRoom{Name: "eg", SID: "RM_agL4DmRtUSrC"}
)

func bot(leaveReason string) *video.Participant {
	return &video.Participant{
		SID: "PA_CsFEZt9hiNrB", Identity: "bot-1", Name: "Bot", Kind: video.Web,
		JoinTime: milli(1795224602668), LeaveReason: leaveReason,
	}
}

func caller(sid string, joined int64, leaveReason string) *video.Participant {
	return &video.Participant{
		SID: sid, Identity: "sip_+15557777", Name: "Phone +15557777", Kind: video.Phone,
		JoinTime: milli(joined), LeaveReason: leaveReason, PhoneNumber: "+15557777",
	}
}

func track(id string, kind video.EventKind, at int64, room video.EventRoom, participant, identity, sid, source string) video.Event {
	return video.Event{
		ID: id, Kind: kind, Time: second(at), Room: room,
		Participant: &video.Participant{SID: participant, Identity: identity},
		Track:       &video.Track{SID: sid, Source: source},
	}
}

func egress(id string, kind video.EventKind, at int64, room video.EventRoom, egressID, status string) video.Event {
	return video.Event{
		ID: id, Kind: kind, Time: second(at), Room: room,
		Egress: &video.Egress{ID: egressID, RoomName: room.Name, RoomSID: room.SID, Status: status},
	}
}

func second(s int64) time.Time { return time.Unix(s, 0).UTC() }

func milli(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
