package rpc

import (
	"bytes"
	"fmt"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
)

// rawCodec hands a provider's body as it came to a request that is nothing but
// a body; the stock codec would drop every field it does not know. Answers are
// left to protojson.
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
	switch r := message.(type) {
	case *anteroomv1.ReceiveLiveKitRequest:
		r.Body = bytes.Clone(data) // Connect uses the buffer again
	case *anteroomv1.ReceiveStorageRequest:
		r.Body = bytes.Clone(data)
	default:
		return fmt.Errorf("%T is not a provider's body", message)
	}
	return nil
}
