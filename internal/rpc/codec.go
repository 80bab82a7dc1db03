package rpc

import (
	"connectrpc.com/connect"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
)

// rawCodec hands a provider's body as it came to a request that is nothing but
// a body; the stock codec would drop every field it does not know. All other
// messages are left to protojson.
type rawCodec struct{ name string }

// rawCodecs are the content types that providers post with.
func rawCodecs() connect.HandlerOption {
	var options []connect.HandlerOption
	for _, name := range []string{"json", "json; charset=utf-8", "webhook+json", "webhook+json; charset=utf-8"} {
		options = append(options, connect.WithCodec(rawCodec{name}))
	}
	return connect.WithHandlerOptions(options...)
}

// Name implements connect.Codec.
func (c rawCodec) Name() string { return c.name }

// Marshal implements connect.Codec.
func (c rawCodec) Marshal(message any) ([]byte, error) {
	return protojson.Marshal(message.(proto.Message)) //nolint:forcetypeassert // Connect gives no other
}

// Unmarshal implements connect.Codec.
func (c rawCodec) Unmarshal(data []byte, message any) error {
	if r, ok := message.(*anteroomv1.ReceiveLiveKitRequest); ok {
		r.Body = append([]byte(nil), data...) // Connect uses the buffer again
		return nil
	}
	return protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(data, message.(proto.Message)) //nolint:forcetypeassert // Connect gives no other
}
