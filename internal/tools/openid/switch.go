package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	jose "github.com/go-jose/go-jose/v4"
)

// switches lets tests make happen what happens to providers.
func (p *provider) switches(mux *http.ServeMux, issuer string) {
	// A new key signs from now on; ?drop=true also withdraws the old ones.
	mux.HandleFunc("POST /test/rotate", func(_ http.ResponseWriter, r *http.Request) {
		fresh := newKey()
		p.mu.Lock()
		defer p.mu.Unlock()
		if r.FormValue("drop") == "true" {
			p.keys = nil
		}
		p.keys = append(p.keys, fresh)
	})
	// The keys cannot be fetched, or can again.
	mux.HandleFunc("POST /test/keys", func(_ http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.down = r.FormValue("down") == "true"
	})
	// The provider answers nobody, or again.
	mux.HandleFunc("POST /test/down", func(_ http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.gone = r.FormValue("down") == "true"
	})
	mux.HandleFunc("GET /test/fetched", func(w http.ResponseWriter, _ *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		_, _ = fmt.Fprint(w, p.fetched)
	})
	// Somebody's roles, or none.
	mux.HandleFunc("POST /test/roles", func(_ http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		p.mu.Lock()
		defer p.mu.Unlock()
		p.roles[r.FormValue("subject")] = r.Form["role"]
	})
	// Somebody is signed out by the provider: refresh tokens are refused.
	mux.HandleFunc("POST /test/terminate", func(_ http.ResponseWriter, r *http.Request) {
		_ = p.TerminateSession(r.Context(), r.FormValue("subject"), "anteroom")
	})
	// A token of these claims, signed by the key that signs.
	mux.HandleFunc("POST /test/sign", func(w http.ResponseWriter, r *http.Request) {
		claims := map[string]any{"iss": issuer}
		if err := json.NewDecoder(r.Body).Decode(&claims); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		token, err := p.sign(claims)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_, _ = io.WriteString(w, token)
	})
}

func (p *provider) sign(claims map[string]any) (string, error) {
	key := p.signing()
	kind := jose.ContentType("JWT")
	if asked, ok := claims["test:typ"].(string); ok {
		kind = jose.ContentType(asked)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key.key, KeyID: key.id}}, (&jose.SignerOptions{}).WithType(kind))
	if err != nil {
		return "", err
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}

// away refuses everybody while the provider is down.
func (p *provider) away(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		gone := p.gone
		p.mu.Unlock()
		if gone {
			http.Error(w, "down", http.StatusBadGateway)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// keysDown counts who fetches the keys, and refuses them while they are down.
func (p *provider) keysDown(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.fetched++
		down := p.down
		p.mu.Unlock()
		if down {
			http.Error(w, "down", http.StatusServiceUnavailable)
			return
		}
		next.ServeHTTP(w, r)
	})
}
