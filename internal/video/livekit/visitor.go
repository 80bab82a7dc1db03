package livekit

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/proto"

	"github.com/anteroom-dev/anteroom/internal/video"
)

// maxHello bounds what a server says first, in bytes.
const maxHello = 1 << 20

// Visitor is in a room as a browser would be that has no media yet: it came by the
// public URL and has heard the server's first word.
type Visitor struct {
	RoomSID string // of the room that it came into
	Version string // of the server
	room    string
	conn    *websocket.Conn
}

// Visit enters a room by the public URL. It fails with ErrKey or
// video.ErrUnavailable.
func (p *Provider) Visit(ctx context.Context, room string) (*Visitor, error) {
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	u, err := p.visitorURL(room)
	if err != nil {
		return nil, err
	}
	dialer := websocket.Dialer{Proxy: http.ProxyFromEnvironment, TLSClientConfig: p.tls, HandshakeTimeout: p.timeout}
	conn, response, err := dialer.DialContext(ctx, u, nil)
	if response != nil {
		_ = response.Body.Close()
	}
	switch {
	case err != nil && response != nil && response.StatusCode == http.StatusUnauthorized:
		return nil, ErrKey.Because(err)
	case errors.Is(err, websocket.ErrBadHandshake):
		return nil, video.ErrUnavailable.Because(fmt.Errorf("it answers with status %d", response.StatusCode))
	case err != nil:
		return nil, video.ErrUnavailable.Because(err)
	}
	v := &Visitor{room: room, conn: conn}
	if err := v.hear(p.timeout); err != nil {
		v.Leave()
		return nil, video.ErrUnavailable.Because(err)
	}
	return v, nil
}

// hear reads the server's first word.
func (v *Visitor) hear(limit time.Duration) error {
	v.conn.SetReadLimit(maxHello)
	if err := v.conn.SetReadDeadline(time.Now().Add(limit)); err != nil {
		return err
	}
	_, raw, err := v.conn.ReadMessage()
	if err != nil {
		return err
	}
	var hello livekit.SignalResponse
	if err := proto.Unmarshal(raw, &hello); err != nil || hello.GetJoin() == nil {
		return errors.New("it does not speak as LiveKit does")
	}
	v.RoomSID, v.Version = hello.GetJoin().GetRoom().GetSid(), hello.GetJoin().GetServerInfo().GetVersion()
	return nil
}

// Leave ends the visit.
func (v *Visitor) Leave() { _ = v.conn.Close() }
