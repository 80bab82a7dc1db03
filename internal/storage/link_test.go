package storage_test

import (
	"mime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/anteroom-dev/anteroom/internal/storage"
)

func TestDisposition(t *testing.T) {
	for name, want := range map[string]string{
		"film.mp4":            `attachment; filename=film.mp4`,
		"two words.mp4":       `attachment; filename="two words.mp4"`,
		"Réunion.mp4":         `attachment; filename="R_union.mp4"; filename*=UTF-8''R%C3%A9union.mp4`,
		"50%.mp4":             `attachment; filename="50_.mp4"; filename*=UTF-8''50%25.mp4`,
		`a"b\c/d.mp4`:         `attachment; filename=a-b-c-d.mp4`,
		"../../etc/passwd":    `attachment; filename=-..-etc-passwd`,
		"a\r\nSet-Cookie: b":  `attachment; filename="aSet-Cookie- b"`,
		"4pm.\u202ecod.mp4":   `attachment; filename=4pm.cod.mp4`,
		"":                    `attachment; filename=recording`,
		" ... ":               `attachment; filename=recording`,
		"\xff\xfe":            `attachment; filename=recording`,
		"会議.mp4":              `attachment; filename="__.mp4"; filename*=UTF-8''%E4%BC%9A%E8%AD%B0.mp4`,
		"it's (1) final;.mp4": `attachment; filename="it's (1) final;.mp4"`,
	} {
		require.Equal(t, want, storage.Disposition(name, false), name)
	}
	require.Equal(t, "inline; filename=film.mp4", storage.Disposition("film.mp4", true))
}

// TestDispositionOfAnything: clients read back one name, which is a file's.
func TestDispositionOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		title := rapid.OneOf(rapid.String(), rapid.StringN(150, 400, -1)).Draw(t, "title")
		header := storage.Disposition(title+".mp4", false)
		for i := range len(header) {
			require.True(t, header[i] >= ' ' && header[i] < 0x7f, header)
		}
		kind, params, err := mime.ParseMediaType(header)
		require.NoError(t, err, header)
		require.Equal(t, "attachment", kind)
		name := params["filename"]
		require.NotEmpty(t, name)
		require.True(t, utf8.ValidString(name))
		require.LessOrEqual(t, len(name), 200)
		require.False(t, strings.ContainsAny(name, "/\\\"\x00"), name)
		require.True(t, strings.HasSuffix(name, "mp4"), name)
	})
}
