package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
)

// answer is what the provider says at a path instead of what it would.
type answer struct {
	Status  int            // 0 answers as ever, with these changes
	Fields  map[string]any // of the answer; nil takes one away
	IDToken map[string]any // claims of the ID token in it, signed again
}

// answering lets tests say how a path answers, and ask how often it did.
func (p *provider) answering(mux *http.ServeMux) {
	mux.HandleFunc("POST /test/answer", func(w http.ResponseWriter, r *http.Request) {
		var a *answer
		if err := json.NewDecoder(r.Body).Decode(&a); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.answers[r.URL.Query().Get("path")] = a
	})
	mux.HandleFunc("GET /test/asked", func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		_, _ = fmt.Fprint(w, p.asked[r.URL.Query().Get("path")])
	})
}

// answered gives the answers that tests asked for.
func (p *provider) answered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		a := p.answers[r.URL.Path]
		p.asked[r.URL.Path]++
		p.mu.Unlock()
		switch {
		case a == nil:
			next.ServeHTTP(w, r)
		case a.Status != 0:
			reply(w, a.Status, a.Fields)
		default:
			p.change(w, r, *a, next)
		}
	})
}

// change answers as ever, but for what is to be another.
func (p *provider) change(w http.ResponseWriter, r *http.Request, a answer, next http.Handler) {
	said := httptest.NewRecorder()
	next.ServeHTTP(said, r)
	fields := map[string]any{}
	err := json.Unmarshal(said.Body.Bytes(), &fields)
	if token, ok := fields["id_token"].(string); ok && err == nil && a.IDToken != nil {
		fields["id_token"], err = p.resign(token, a.IDToken)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	merge(fields, a.Fields)
	reply(w, said.Code, fields)
}

func reply(w http.ResponseWriter, status int, fields map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(fields)
}

// resign makes a token of another one's claims, with some of them changed.
func (p *provider) resign(token string, change map[string]any) (string, error) {
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		return "", err
	}
	claims := map[string]any{}
	if err := json.Unmarshal(payload, &claims); err != nil {
		return "", err
	}
	merge(claims, change)
	return p.sign(claims)
}

func merge(into, change map[string]any) {
	maps.Copy(into, change)
	maps.DeleteFunc(into, func(_ string, v any) bool { return v == nil })
}
