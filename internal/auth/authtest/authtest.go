// Package authtest gives tests an OpenID provider: zitadel's, as a program of
// its own, at which ada, oscar, uma and vera sign in with the password "secret".
// Ada and Oscar have the role anteroom-operator; Vera's address is unchecked.
package authtest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// EnvProvider names the program; `make test-go` sets it.
const EnvProvider = "ANTEROOM_OPENID"

// The console's client at the provider.
const (
	ClientID     = "anteroom"
	ClientSecret = "client-secret"
)

// The paths at the provider that answer what a test says.
const (
	DiscoveryPath = "/.well-known/openid-configuration"
	KeysPath      = "/keys"
	MovedKeysPath = "/moved/keys" // the same keys, at a path that nothing names
	TokenPath     = "/oauth/token"
	UserInfoPath  = "/userinfo"
	RevokePath    = "/revoke"
)

// Provider is a running one.
type Provider struct {
	t      testing.TB
	Issuer string
}

// StartProvider starts one until the test ends.
func StartProvider(t testing.TB, args ...string) *Provider {
	t.Helper()
	program, err := exec.LookPath(os.Getenv(EnvProvider))
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("authtest: $%s is no program: run the tests by make test-go", EnvProvider)
		}
		t.Skipf("$%s is no program: run the tests by make test-go", EnvProvider)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	c := exec.CommandContext(ctx, program, args...)
	var said bytes.Buffer
	c.Stderr = &said
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		cancel()
		t.Fatalf("authtest: start the provider: %v", err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	t.Cleanup(func() {
		cancel()
		_ = c.Wait()
	})
	if err != nil {
		t.Fatalf("authtest: the provider says nothing: %v: %s", err, &said)
	}
	return &Provider{t, strings.TrimSpace(line)}
}

// Sign makes a token of these claims, with the issuer's name if they have none,
// signed by the provider's key.
func (p *Provider) Sign(claims map[string]any) string {
	p.t.Helper()
	body, err := json.Marshal(claims)
	if err != nil {
		p.t.Fatal(err)
	}
	return p.do(http.MethodPost, "/test/sign", "application/json", bytes.NewReader(body))
}

// Token is one of somebody for an API, good for an hour.
func (p *Provider) Token(t testing.TB, subject, audience string) string {
	t.Helper()
	now := time.Now()
	return p.Sign(map[string]any{"sub": subject, "aud": audience, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix()})
}

// Down has the provider answer nobody, or again.
func (p *Provider) Down(down bool) {
	p.t.Helper()
	p.post("/test/down", url.Values{"down": {strconv.FormatBool(down)}})
}

// Rotate has a new key sign from now on; drop withdraws those before.
func (p *Provider) Rotate(drop bool) {
	p.t.Helper()
	p.post("/test/rotate", url.Values{"drop": {strconv.FormatBool(drop)}})
}

// KeysDown makes it impossible to fetch the keys, or possible again.
func (p *Provider) KeysDown(down bool) {
	p.t.Helper()
	p.post("/test/keys", url.Values{"down": {strconv.FormatBool(down)}})
}

// Fetched is how often somebody asked for the keys.
func (p *Provider) Fetched() int {
	p.t.Helper()
	n, err := strconv.Atoi(p.do(http.MethodGet, "/test/fetched", "", http.NoBody))
	if err != nil {
		p.t.Fatal(err)
	}
	return n
}

// SetRoles gives somebody these roles instead of theirs.
func (p *Provider) SetRoles(subject string, roles ...string) {
	p.t.Helper()
	p.post("/test/roles", url.Values{"subject": {subject}, "role": roles})
}

// Terminate has the provider sign somebody out: refresh tokens are refused.
func (p *Provider) Terminate(subject string) {
	p.t.Helper()
	p.post("/test/terminate", url.Values{"subject": {subject}})
}

// Answer is what a path says instead of what it would.
type Answer struct {
	Status  int            // 0 answers as ever, with these changes
	Fields  map[string]any // of the answer; nil takes one away
	IDToken map[string]any // claims of the ID token in it; nil takes one away
}

// Answer has a path answer so, until Truly takes that back.
func (p *Provider) Answer(path string, a Answer) {
	p.t.Helper()
	p.answer(path, a)
}

// Truly has a path answer as ever again.
func (p *Provider) Truly(path string) {
	p.t.Helper()
	p.answer(path, nil)
}

func (p *Provider) answer(path string, a any) {
	p.t.Helper()
	body, err := json.Marshal(a)
	if err != nil {
		p.t.Fatal(err)
	}
	p.do(http.MethodPost, "/test/answer?"+url.Values{"path": {path}}.Encode(), "application/json", bytes.NewReader(body))
}

// Asked is how often somebody asked a path for something.
func (p *Provider) Asked(path string) int {
	p.t.Helper()
	n, err := strconv.Atoi(p.do(http.MethodGet, "/test/asked?"+url.Values{"path": {path}}.Encode(), "", http.NoBody))
	if err != nil {
		p.t.Fatal(err)
	}
	return n
}

// Keys is what it shows of its keys.
func (p *Provider) Keys() string {
	p.t.Helper()
	return p.do(http.MethodGet, "/keys", "", http.NoBody)
}

func (p *Provider) post(path string, form url.Values) {
	p.t.Helper()
	p.do(http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

func (p *Provider) do(method, path, contentType string, body io.Reader) string {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), method, p.Issuer+path, body)
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", contentType)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatalf("authtest: %v", err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		p.t.Fatalf("authtest: %s: %s %v", path, resp.Status, err)
	}
	return string(text)
}
