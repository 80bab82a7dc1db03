package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/auth/authtest"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/storage/storagetest"
)

// TestDoctorOfACertificate: that it ends is told in time, and when it has ended.
func TestDoctorOfACertificate(t *testing.T) {
	away := "http://" + freeAddress(t)
	i := beside(t, dbtest.SQLiteURL(t), away, away)
	found, _ := i.examine(nil)
	require.NotContains(t, found, "certificate", "a proxy does TLS")
	dir := t.TempDir()
	i.env["ANTEROOM_TLS_CERT"], i.env["ANTEROOM_TLS_KEY"] = filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")
	newAuthority(t).write(i.env["ANTEROOM_TLS_CERT"], i.env["ANTEROOM_TLS_KEY"], 101) // good for an hour

	found, _ = i.examine(map[string]string{doctorAhead: "-360h"})
	require.Equal(t, verdictOK, found["certificate"].Status, "%v", found)
	i.requireFinding("certificate", verdictWarn, certificateEnds, map[string]string{doctorAhead: "-320h"})
	i.requireFinding("certificate", verdictFail, certificateEnds, map[string]string{doctorAhead: "2h"})
}

// TestDoctorOfAProviderWithoutKeys: that it answers is not enough.
func TestDoctorOfAProviderWithoutKeys(t *testing.T) {
	away := "http://" + freeAddress(t)
	i := beside(t, dbtest.SQLiteURL(t), away, away)
	people := authtest.StartProvider(t)
	i.env["ANTEROOM_OIDC_ISSUER"], i.env["ANTEROOM_OIDC_AUDIENCE"] = people.Issuer, "anteroom-api"
	found, _ := i.examine(nil)
	require.Equal(t, verdictOK, found["sign-in"].Status, "%v", found)
	people.Answer(authtest.KeysPath, authtest.Answer{Fields: map[string]any{"keys": []any{}}})
	i.requireFinding("sign-in", verdictFail, openIDKeyless, nil)
	symmetric := map[string]any{"kty": "oct", "kid": "1", "use": "sig", "k": "c2VjcmV0"}
	people.Answer(authtest.KeysPath, authtest.Answer{Fields: map[string]any{"keys": []any{symmetric}}})
	i.requireFinding("sign-in", verdictFail, openIDKeyless, nil)
}

// TestDoctorOfAQueue: one that nobody can read is not noticed by what is heard.
func TestDoctorOfAQueue(t *testing.T) {
	away := "http://" + freeAddress(t)
	i := beside(t, dbtest.SQLiteURL(t), away, away)
	queue := storagetest.SQS(t)
	i.env["ANTEROOM_STORAGE_NOTIFICATIONS"] = queue
	found, _ := i.examine(nil)
	require.Equal(t, verdictOK, found["store queue"].Status, "%v", found)
	misspelt := strings.Replace(queue, "/notifications", "/notificatoins", 1)
	i.requireFinding("store queue", verdictFail, queueUnreadable, map[string]string{"ANTEROOM_STORAGE_NOTIFICATIONS": misspelt})
}
