package auth

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/jonboulle/clockwork"
	"golang.org/x/sync/singleflight"
)

const (
	// keysAge is after how long the keys are fetched anew, so that one that the
	// provider has withdrawn ends here too.
	keysAge = 15 * time.Minute
	// keysPause is how long to wait between two fetches, whoever shows unknown
	// keys how often.
	keysPause = 10 * time.Second
)

// keys are a provider's public ones (RFC 7517), by their id. They are fetched
// when somebody shows one that is not known, and when they are old; while the
// provider is away, those that are known stay.
type keys struct {
	where  func(context.Context) (url string, err error)
	client *http.Client
	clock  clockwork.Clock
	flight singleflight.Group

	mu      sync.Mutex
	byID    map[string]jose.JSONWebKey
	fetched time.Time // when byID was
	tried   time.Time // when it was last asked for
	err     error     // of that try
}

// find gives a key that signs with an algorithm; one without an id is the only
// one that there is.
func (k *keys) find(ctx context.Context, id, algorithm string) (any, error) {
	key, known := k.cached(id)
	switch {
	case !known:
		if err := k.refresh(ctx); err != nil {
			return nil, ErrProvider.Because(err)
		}
		key, known = k.cached(id)
	case k.old():
		go func() { _ = k.refresh(context.WithoutCancel(ctx)) }()
	}
	if !known || key.Algorithm != "" && key.Algorithm != algorithm {
		return nil, errUnknownKey
	}
	return key.Key, nil
}

func (k *keys) cached(id string) (key jose.JSONWebKey, known bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if id == "" && len(k.byID) == 1 {
		for _, key = range k.byID {
			return key, true
		}
	}
	key, known = k.byID[id]
	return key, known && id != ""
}

func (k *keys) none() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.byID) == 0
}

func (k *keys) old() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.clock.Since(k.fetched) >= keysAge && k.clock.Since(k.tried) >= keysPause
}

// refresh fetches the keys once for all who wait, unless that was tried just
// now.
func (k *keys) refresh(ctx context.Context) error {
	_, err, _ := k.flight.Do("", func() (any, error) {
		k.mu.Lock()
		soon := !k.tried.IsZero() && k.clock.Since(k.tried) < keysPause
		err := k.err
		k.mu.Unlock()
		if soon {
			return nil, err
		}
		fresh, err := k.fetch(context.WithoutCancel(ctx))
		k.mu.Lock()
		defer k.mu.Unlock()
		k.tried, k.err = k.clock.Now(), err
		if err == nil {
			k.byID, k.fetched = fresh, k.tried
		}
		return nil, err
	})
	return err
}

func (k *keys) fetch(ctx context.Context) (map[string]jose.JSONWebKey, error) {
	url, err := k.where(ctx)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, err
	}
	resp, err := k.client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("fetch the provider's keys: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("fetch the provider's keys: %s", resp.Status)
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&set); err != nil {
		return nil, fmt.Errorf("read the provider's keys: %w", err)
	}
	found := map[string]jose.JSONWebKey{}
	for _, raw := range set.Keys {
		var key jose.JSONWebKey
		if key.UnmarshalJSON(raw) == nil && signs(key) {
			found[key.KeyID] = key
		}
	}
	return found, nil
}

// signs is whether a key is a public one that signatures are checked with; a
// provider may show others, and kinds that nobody here knows.
func signs(k jose.JSONWebKey) bool {
	switch k.Key.(type) {
	case *rsa.PublicKey, *ecdsa.PublicKey, ed25519.PublicKey:
		return k.Use == "" || k.Use == "sig"
	}
	return false
}
