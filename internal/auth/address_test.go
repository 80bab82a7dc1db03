package auth_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/auth"
)

func TestFoldAddress(t *testing.T) {
	for address, want := range map[string]string{
		"CEO@Victim.ORG": "ceo@victim.org", "a@z.org": "a@z.org", "@[AZ]{az}`": "@[az]{az}`", "": "",
		"ceo@vict\u0130m.org": "ceo@vict\u0130m.org", "\u212Aay@b.org": "\u212Aay@b.org", "\u00c9VE@b.org": "\u00c9ve@b.org",
	} {
		require.Equal(t, want, auth.FoldAddress(address))
	}
}
