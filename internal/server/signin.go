package server

import (
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/fault"
	"github.com/anteroom-dev/anteroom/internal/user"
)

// ErrPublicURL says that nobody could sign in at a URL.
var ErrPublicURL = fault.New(fault.Invalid, "public_url_invalid",
	"people sign in at a public URL as https://meet.example.org; http is for this machine alone")

// The paths of signing in.
const (
	SignInPath   = "/auth/sign-in"
	CallbackPath = "/auth/callback"
	SignOutPath  = "/auth/sign-out"

	// attemptTime is how long somebody may take at the provider.
	attemptTime = 10 * time.Minute
	// stateName is how much of an attempt's state is in its cookie's name, so that
	// two tabs can sign in at the same time.
	stateName = 8
	// maxReturnPath keeps the cookies of several attempts within what proxies take.
	maxReturnPath = 512
)

// SignIn is signing in to the console with the OpenID provider: the browser
// goes there with PKCE, and comes back to a cookie that no script can read and
// no other site can use.
type SignIn struct {
	provider *auth.Provider
	signIns  *user.SignIns
	seal     *auth.Seal
	public   *url.URL
	cookie   string // its name
	protect  *http.CrossOriginProtection
	clock    clockwork.Clock
	log      *slog.Logger
}

// NewSignIn makes it; secret seals what a browser keeps while it is at the
// provider.
func NewSignIn(provider *auth.Provider, signIns *user.SignIns, secret []byte, publicURL string, clock clockwork.Clock, log *slog.Logger) (*SignIn, error) {
	public, err := url.Parse(publicURL)
	if err != nil || !trusted(public) {
		return nil, ErrPublicURL
	}
	seal, err := auth.NewSeal(secret, "attempt")
	if err != nil {
		return nil, err
	}
	protect := http.NewCrossOriginProtection()
	if err := protect.AddTrustedOrigin(origin(public)); err != nil {
		return nil, ErrPublicURL.Because(err)
	}
	return &SignIn{provider, signIns, seal, public, cookieName(public), protect, clock, log}, nil
}

// trusted is whether nobody on the way can read what goes to a URL.
func trusted(u *url.URL) bool {
	if u.Host == "" || u.Path != "" && u.Path != "/" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}

func origin(u *url.URL) string { return u.Scheme + "://" + u.Host }

// cookieName is one that browsers take from this host alone, and only over
// TLS. On this machine without TLS, where not all browsers do, it has the port
// in it instead: cookies do not know ports.
func cookieName(public *url.URL) string {
	if public.Scheme == "https" {
		return "__Host-anteroom"
	}
	return "anteroom-" + public.Port()
}

func (s *SignIn) register(mux *http.ServeMux) {
	mux.HandleFunc("GET "+SignInPath, s.begin)
	mux.HandleFunc("GET "+CallbackPath, s.finish)
	mux.HandleFunc("POST "+SignOutPath, s.end)
}

// cookies passes on who the browser says it is, and whether a page of ours had
// it say so.
func (s *SignIn) cookies(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := r.Cookie(s.cookie); err == nil {
			r = r.WithContext(auth.WithCookie(r.Context(), auth.Cookie{Secret: c.Value, CrossSite: s.crossSite(r)}))
		}
		next.ServeHTTP(w, r)
	})
}

// crossSite is whether a page of elsewhere may have sent a request that changes
// something. Browsers say where it comes from; what does not is no browser, and
// has no use for a cookie.
func (s *SignIn) crossSite(r *http.Request) bool {
	if s.protect.Check(r) != nil {
		return true
	}
	return r.Method == http.MethodPost && r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == ""
}

// begin sends a browser to the provider.
func (s *SignIn) begin(w http.ResponseWriter, r *http.Request) {
	attempt := auth.NewAttempt(returnPath(r.FormValue("return")), s.clock.Now().Add(attemptTime))
	to, err := s.provider.SignInURL(r.Context(), attempt)
	if err != nil {
		s.fail(w, r, attempt.Return, err)
		return
	}
	kept, err := json.Marshal(attempt)
	if err != nil {
		s.fail(w, r, attempt.Return, err)
		return
	}
	name := s.attemptCookie(attempt.State)
	s.setCookie(w, name, base64.RawURLEncoding.EncodeToString(s.seal.Close(kept, []byte(name))), attemptTime)
	redirect(w, r, to)
}

// finish signs a browser in that comes back from the provider.
func (s *SignIn) finish(w http.ResponseWriter, r *http.Request) {
	attempt, err := s.attempt(w, r)
	if err == nil {
		err = said(r.URL.Query())
	}
	if err != nil {
		s.fail(w, r, attempt.Return, err)
		return
	}
	tokens, err := s.provider.Exchange(r.Context(), r.FormValue("code"), attempt)
	if err != nil {
		s.fail(w, r, attempt.Return, err)
		return
	}
	if old, err := r.Cookie(s.cookie); err == nil {
		_, _ = s.signIns.End(r.Context(), old.Value) // of who sat here before
	}
	secret, lifetime, err := s.signIns.Begin(r.Context(), tokens)
	if err != nil {
		s.fail(w, r, attempt.Return, err)
		return
	}
	s.setCookie(w, s.cookie, secret, lifetime)
	redirect(w, r, origin(s.public)+attempt.Return)
}

var (
	errTooLate = errors.New("the sign-in took too long, or began in another browser")
	errDenied  = errors.New("the provider did not let somebody in")
)

// attempt takes what the browser kept. Only the browser in which a sign-in
// began has it, so nobody can be signed in by a link that another one made.
func (s *SignIn) attempt(w http.ResponseWriter, r *http.Request) (a auth.Attempt, err error) {
	a.Return = "/"
	state := r.FormValue("state")
	name := s.attemptCookie(state)
	c, err := r.Cookie(name)
	if err != nil {
		return a, errTooLate
	}
	s.setCookie(w, name, "", -1)
	sealed, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil {
		return a, errTooLate
	}
	kept, ok := s.seal.Open(sealed, []byte(name))
	var found auth.Attempt
	if !ok || json.Unmarshal(kept, &found) != nil || subtle.ConstantTimeCompare([]byte(found.State), []byte(state)) != 1 {
		return a, errTooLate
	}
	if !s.clock.Now().Before(found.ExpireTime) {
		return auth.Attempt{Return: found.Return}, errTooLate
	}
	return found, nil
}

// attemptCookie is the name of the cookie that an attempt is kept in; a state
// that none of ours begins with names one that is not there.
func (s *SignIn) attemptCookie(state string) string {
	if len(state) < stateName || strings.Trim(state[:stateName], "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" {
		state = "--------"
	}
	return s.cookie + "-" + state[:stateName]
}

// said is what the provider says instead of giving a code.
func said(q url.Values) error {
	switch code := q.Get("error"); code {
	case "":
		return nil
	case "access_denied":
		return errDenied
	case "temporarily_unavailable", "server_error":
		return auth.ErrProvider
	default:
		return fmt.Errorf("the provider refused: %.60q", code)
	}
}

// fail shows in the console, in words, why nobody is signed in.
func (s *SignIn) fail(w http.ResponseWriter, r *http.Request, back string, err error) {
	problem := "refused"
	switch {
	case errors.Is(err, errTooLate):
		problem = "late"
	case errors.Is(err, errDenied):
		problem = "denied"
	case errors.Is(err, auth.ErrProvider):
		problem = "unavailable"
	}
	s.log.WarnContext(r.Context(), "a sign-in failed", slog.String("problem", problem), slog.Any("error", err))
	redirect(w, r, origin(s.public)+"/sign-in?"+url.Values{"problem": {problem}, "return": {back}}.Encode())
}

// end signs a browser out, and tells its page where to go so that it is signed
// out at the provider too.
func (s *SignIn) end(w http.ResponseWriter, r *http.Request) {
	if s.crossSite(r) {
		answer(w, http.StatusForbidden, auth.ErrCrossSite.Message)
		return
	}
	to := ""
	if c, err := r.Cookie(s.cookie); err == nil {
		if to, err = s.signIns.End(r.Context(), c.Value); err != nil {
			refuse(w, r, s.log, err)
			return
		}
	}
	s.setCookie(w, s.cookie, "", -1)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{"url": to})
}

// setCookie sets one, or with a negative age removes it.
func (s *SignIn) setCookie(w http.ResponseWriter, name, value string, age time.Duration) {
	seconds := int(age.Seconds())
	if age < 0 {
		seconds = -1
	}
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // without TLS on this machine alone
		Name: name, Value: value, Path: "/", MaxAge: seconds,
		HttpOnly: true, Secure: s.public.Scheme == "https", SameSite: http.SameSiteLaxMode,
	})
}

func redirect(w http.ResponseWriter, r *http.Request, to string) {
	w.Header().Set("Referrer-Policy", "no-referrer")
	http.Redirect(w, r, to, http.StatusSeeOther) //nolint:gosec // the provider's, or a path behind our own origin
}

// returnPath is where to go after signing in: a path of ours, whatever it says,
// since it is put behind our own origin.
func returnPath(asked string) string {
	odd := func(r rune) bool { return r <= ' ' || r == 0x7f || r == '\\' }
	if !strings.HasPrefix(asked, "/") || strings.HasPrefix(asked, "//") || len(asked) > maxReturnPath ||
		strings.HasPrefix(asked, "/auth/") || strings.ContainsFunc(asked, odd) {
		return "/"
	}
	return asked
}
