package livekit_test

import (
	"os"
	"testing"
)

// BenchmarkParseWebhook is what the intake costs before its database is asked.
func BenchmarkParseWebhook(b *testing.B) {
	provider := local(b, nil)
	for _, name := range []string{"participant_joined_standard", "sip_participant_joined", "track_published_opus", "s3_egress_ended_complete"} {
		body, err := os.ReadFile("testdata/" + name + ".json")
		if err != nil {
			b.Fatal(err)
		}
		header := sign(body)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if _, err := provider.ParseWebhook(header, body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
