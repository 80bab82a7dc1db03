package livekittest

import (
	"bytes"
	"context"
	"io"
	"testing"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/egress"
	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/anteroom-dev/anteroom/internal/video"
)

// Join comes in with a pass and stays until leave or the test's end.
func Join(t testing.TB, pass video.Pass) (leave func()) {
	t.Helper()
	return JoinRoom(t, pass, &lksdk.RoomCallback{}).Disconnect
}

// JoinRoom comes in with a pass, and gives the SDK's room to do things there.
func JoinRoom(t testing.TB, pass video.Pass, callback *lksdk.RoomCallback) *lksdk.Room {
	t.Helper()
	room, err := lksdk.ConnectToRoomWithToken(pass.ServerURL, pass.Token, callback,
		lksdk.WithAutoSubscribe(false), lksdk.WithLogger(logger.GetDiscardLogger()))
	if err != nil {
		t.Fatalf("join: %v", err)
	}
	t.Cleanup(room.Disconnect)
	return room
}

// CallerPass is what livekit-sip makes itself for a caller: who joins with it
// looks to LiveKit and in its webhooks like that number's telephone.
func CallerPass(t testing.TB, serverURL, roomName, number string) video.Pass {
	t.Helper()
	grant := &auth.VideoGrant{Room: roomName, RoomJoin: true}
	grant.SetCanPublish(true)
	grant.SetCanSubscribe(true)
	grant.SetCanPublishData(true)
	grant.SetCanUpdateOwnMetadata(true)
	token, err := auth.NewAccessToken(APIKey, APISecret).
		SetIdentity("sip_" + number).
		SetName("Phone " + number).
		SetKind(livekit.ParticipantInfo_SIP).
		SetAttributes(map[string]string{
			"sip.callID": "SCL_test", "sip.callStatus": "active", "sip.phoneNumber": number,
			"sip.ruleID": "SDR_test", "sip.trunkID": "ST_test", "sip.trunkPhoneNumber": "+15550100",
		}).
		SetVideoGrant(grant).
		ToJWT()
	if err != nil {
		t.Fatal(err)
	}
	return video.Pass{ServerURL: serverURL, Token: token}
}

// RecorderPass is what LiveKit's recorder makes itself for a capture: who joins with it
// looks like the one that does it.
func RecorderPass(t testing.TB, serverURL, roomName, egressID string) video.Pass {
	t.Helper()
	token, err := egress.BuildEgressToken(egressID, APIKey, APISecret, roomName)
	if err != nil {
		t.Fatal(err)
	}
	return video.Pass{ServerURL: serverURL, Token: token}
}

// AddForeignRule makes a dispatch rule as another application of this LiveKit
// would, and gives its id.
func AddForeignRule(t testing.TB, url, pin string) string {
	t.Helper()
	info, err := lksdk.NewSIPClient(url, APIKey, APISecret).CreateSIPDispatchRule(context.WithoutCancel(t.Context()),
		&livekit.CreateSIPDispatchRuleRequest{DispatchRule: &livekit.SIPDispatchRuleInfo{
			Name: "theirs", Metadata: "not JSON",
			Rule: &livekit.SIPDispatchRule{Rule: &livekit.SIPDispatchRule_DispatchRuleIndividual{
				DispatchRuleIndividual: &livekit.SIPDispatchRuleIndividual{RoomPrefix: "theirs-", Pin: pin},
			}},
		}})
	if err != nil {
		t.Fatal(err)
	}
	return info.SipDispatchRuleId
}

// AddTrunk makes an inbound trunk.
func AddTrunk(t testing.TB, url string) {
	t.Helper()
	_, err := lksdk.NewSIPClient(url, APIKey, APISecret).CreateSIPInboundTrunk(context.WithoutCancel(t.Context()),
		&livekit.CreateSIPInboundTrunkRequest{Trunk: &livekit.SIPInboundTrunkInfo{Name: "ours", Numbers: []string{"+33199001234"}}})
	if err != nil {
		t.Fatal(err)
	}
}

// RoomMetadata is what LiveKit tells those in the room as its metadata.
func RoomMetadata(t testing.TB, url, roomName string) string {
	t.Helper()
	response, err := lksdk.NewRoomServiceClient(url, APIKey, APISecret).ListRooms(t.Context(),
		&livekit.ListRoomsRequest{Names: []string{roomName}})
	if err != nil {
		t.Fatal(err)
	}
	if len(response.Rooms) == 0 {
		return ""
	}
	return response.Rooms[0].Metadata
}

// PublishVoice publishes a second of a tone as the participant's microphone, and
// gives the track's SID.
func PublishVoice(t testing.TB, room *lksdk.Room) string {
	t.Helper()
	track, err := lksdk.NewLocalReaderTrack(io.NopCloser(bytes.NewReader(secondOGG)), "audio/opus")
	if err != nil {
		t.Fatal(err)
	}
	publication, err := room.LocalParticipant.PublishTrack(track, &lksdk.TrackPublicationOptions{
		Name: "voice", Source: livekit.TrackSource_MICROPHONE,
	})
	if err != nil {
		t.Fatal(err)
	}
	return publication.SID()
}
