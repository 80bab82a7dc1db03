package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"

	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/mail/mailtest"
	"github.com/anteroom-dev/anteroom/internal/storage/storagetest"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
)

// doctorAhead is by how much the clock of a doctor is ahead of this machine's, and
// with that of the database's.
const doctorAhead = "ANTEROOM_TEST_DOCTOR_AHEAD"

// tellsElsewhere: the webhook URL at LiveKit is of somebody else, who gets what the
// doctor waits for.
func (i *installation) tellsElsewhere() {
	t := i.t
	var came atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { came.Add(1) }))
	t.Cleanup(elsewhere.Close)
	other := livekittest.Start(t, elsewhere.URL)
	i.requireFinding("webhooks", verdictFail, noWebhook, map[string]string{
		"ANTEROOM_LIVEKIT_URL": other.URL(), "ANTEROOM_LIVEKIT_PUBLIC_URL": other.WSURL(),
	})
	require.Positive(t, came.Load())
}

// otherClock: the database's clock is two minutes behind ours, and LiveKit's is not.
// SQLite has no clock of its own.
func (i *installation) otherClock() {
	late := map[string]string{doctorAhead: "2m"}
	found, failed := i.examine(late)
	require.Equal(i.t, verdictOK, found["clock livekit"].Status, "%v", found)
	f, has := found["clock postgres"]
	if !has {
		require.False(i.t, failed, "%v", found)
		require.Contains(i.t, i.env["ANTEROOM_DATABASE_URL"], "sqlite:")
		return
	}
	require.True(i.t, failed)
	require.Equal(i.t, finding{
		Check: "clock postgres", Status: verdictFail, Text: clocksDiffer.text, Detail: "the database's is behind ours by 2m0s", Do: clocksDiffer.do,
	}, f)
	i.requireFinding("clock postgres", verdictWarn, clocksDiffer, map[string]string{doctorAhead: "-10s"})
}

// mailRefuses: the mail server wants another password, shows a certificate that
// nobody trusts, and is not there at all.
func (i *installation) mailRefuses() {
	server := mailtest.Start(i.t, mailtest.StartTLS)
	server.Answer(mailtest.Answers{Login: "anteroom:right-password"})
	with := func(address, password string) map[string]string {
		return map[string]string{
			"ANTEROOM_MAIL_URL": "smtp://anteroom:" + password + "@" + address, "ANTEROOM_MAIL_FROM": "Anteroom <no-reply@example.org>",
			"SSL_CERT_FILE": file(i.t, "roots.pem", string(server.PEM)),
		}
	}
	found, failed := i.examine(with(server.Address, "right-password"))
	require.False(i.t, failed, "%v", found)
	require.Equal(i.t, verdictOK, found["mail"].Status)
	refused := with(server.Address, "wrong-password")
	i.requireFinding("mail", verdictFail, mailAway, refused)
	found, _ = i.examine(refused)
	require.NotContains(i.t, found["mail"].Detail, "wrong-password")
	server.Answer(mailtest.Answers{Login: "anteroom:right-password", Mail: &smtp.SMTPError{Code: 553, Message: "this is not your address"}})
	i.requireFinding("mail", verdictFail, mailSender, with(server.Address, "right-password"))
	server.Answer(mailtest.Answers{Login: "anteroom:right-password"})
	stranger := with(server.Address, "right-password")
	delete(stranger, "SSL_CERT_FILE")
	i.requireFinding("mail", verdictFail, mailAway, stranger)
	i.requireFinding("mail", verdictFail, mailAway, with(freeAddress(i.t), "right-password"))
}

// bucketRefuses: the keys of a bucket are wrong, and then what browsers reach it by.
func (i *installation) bucketRefuses() {
	bucket := storagetest.S3(i.t, "")
	store := func(at, secret string) map[string]string {
		return map[string]string{
			"ANTEROOM_STORAGE_URL": at, "ANTEROOM_STORAGE_ACCESS_KEY": storagetest.AccessKey, "ANTEROOM_STORAGE_SECRET_KEY": secret,
		}
	}
	found, failed := i.examine(store(bucket, storagetest.SecretKey))
	require.False(i.t, failed, "%v", found)
	require.Equal(i.t, verdictOK, found["store"].Status)
	i.requireFinding("store", verdictFail, storeUnwritable, store(bucket, "another secret"))
	nowhere := url.Values{"public_endpoint": {"http://" + freeAddress(i.t)}}.Encode()
	i.requireFinding("store", verdictFail, storeUnreadable, store(bucket+"&"+nowhere, storagetest.SecretKey))
}
