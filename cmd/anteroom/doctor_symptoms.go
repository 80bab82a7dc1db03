package main

// The symptoms. The text of each is a heading of docs/troubleshooting.md, which says
// more.
var (
	databaseIsAway   = symptom{databaseAway, "See that it runs, and that --database-url leads to it from here"}
	databaseRefuses  = symptom{"the database refuses Anteroom", "See --database-url: user, password, name and sslmode"}
	databaseIsRead   = symptom{databaseRead, "See that --database-url leads to the primary, and that its tables are this user's to write"}
	pending          = symptom{"migrations are pending", "Run `anteroom migrate up`"}
	newer            = symptom{"the database was migrated by a newer Anteroom", "Run that release, or take its migrations back with it"}
	publicAway       = symptom{"Anteroom's public URL does not answer", "See that anteroom serve runs, that --public-url is right, and the proxy before it"}
	publicPlain      = symptom{"a public URL is not encrypted", "Browsers give pages no camera without https, and wss: put a proxy that does TLS before it"}
	certificateEnds  = symptom{"the TLS certificate runs out", "Put a new one into the files of --tls-cert and --tls-key: it is served without a restart"}
	storeNone        = symptom{"there is no store for recordings", "Say --storage-url, if there are to be recordings"}
	storeUnwritable  = symptom{"the store of the recordings cannot be written", "See --storage-url, the bucket's keys and its policy, or the folder's owner"}
	storeUnreadable  = symptom{"a file in the store cannot be read by its link", "See public_endpoint in --storage-url, or that --public-url leads here"}
	queueUnreadable  = symptom{"the queue of the store's notifications cannot be read", "See --storage-notifications, its keys in the environment, and their policy"}
	livekitIsAway    = symptom{livekitAway, "See that it runs, and that --livekit-url leads to it from here"}
	livekitRefuses   = symptom{livekitKey, "See --livekit-api-key and --livekit-api-secret, and keys in LiveKit's configuration"}
	clocksDiffer     = symptom{"the clocks differ", "Keep all machines at the right time (NTP): tokens are refused a minute before their time, and after"}
	livekitPublic    = symptom{"LiveKit's public URL does not answer", "See --livekit-public-url and the proxy before LiveKit: it has to let websockets through"}
	livekitInternal  = symptom{"browsers are sent to an internal address of LiveKit", "Say --livekit-public-url: wss://HOST, by which browsers reach LiveKit"}
	livekitOther     = symptom{"LiveKit's public URL leads to another LiveKit", "--livekit-url and --livekit-public-url have to be of one LiveKit, or of one cluster with one Redis"}
	noUnmute         = symptom{"LiveKit lets nobody be unmuted", "Set room.enable_remote_unmute in LiveKit's configuration, if moderators are to unmute"}
	noWebhook        = symptom{"no webhook of LiveKit comes", "In LiveKit's configuration webhook.urls needs Anteroom's, which ends in /anteroom.v1.WebhookService/ReceiveLiveKit, and webhook.api_key a key that Anteroom knows; the log of anteroom serve says \"a webhook was refused\" when it is another"}
	webhookUnseen    = symptom{"webhooks cannot be looked for", "The database has to be there for it"}
	sipOff           = symptom{"telephony is switched off", "Say --telephony to have it"}
	noRedis          = symptom{"LiveKit has no Redis", "Telephony and recording need redis in LiveKit's configuration; else say --no-telephony"}
	noTrunk          = symptom{"LiveKit has no inbound trunk", "Nobody can dial in before there is one: lk sip inbound create"}
	sipUnknown       = symptom{"whether LiveKit's SIP service lives is not known", "Set health_port in livekit-sip's configuration, and --sip-health-url to it"}
	sipSick          = symptom{"LiveKit's SIP service is not well", "See the log of livekit-sip, and --sip-health-url"}
	noRecorder       = symptom{"no recorder answers", "Nothing can be recorded before a livekit-egress runs with LiveKit's Redis"}
	recorderSick     = symptom{"the recorder is not well", "See the log of livekit-egress, and --recorder-health-url"}
	noOpenID         = symptom{"there is no OpenID provider", "Nobody can sign in: say --oidc-issuer and --oidc-client-id"}
	openIDAway       = symptom{"the OpenID provider does not answer as one", "See --oidc-issuer: its /.well-known/openid-configuration must be reachable from here and name the same issuer"}
	openIDKeyless    = symptom{"the OpenID provider shows no key", "Every token is refused: see that jwks_uri of the provider leads to keys that sign, with an RSA, EC or Ed25519 key"}
	noMail           = symptom{"there is no mail server", "No mails are sent"}
	mailAway         = symptom{"the mail server does not take mails", "See its URL, user and password"}
	mailSender       = symptom{"the mail server refuses the sender", "See --mail-from, and whom the user in --mail-url may send as"}
	roomCannotBeMade = symptom{"LiveKit makes no room", "See LiveKit's log: it needs a node, and a limit that leaves room"}
)

// symptoms are all of them.
func symptoms() []symptom {
	return []symptom{
		databaseIsAway, databaseRefuses, databaseIsRead, pending, newer, publicAway, publicPlain, certificateEnds,
		storeNone, storeUnwritable, storeUnreadable, queueUnreadable,
		livekitIsAway, livekitRefuses, clocksDiffer, livekitPublic, livekitInternal, livekitOther, noUnmute, noWebhook, webhookUnseen,
		sipOff, noRedis, noTrunk, sipUnknown, sipSick, noRecorder, recorderSick, noOpenID, openIDAway, openIDKeyless, noMail, mailAway, mailSender, roomCannotBeMade,
	}
}
