package auth

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
)

// Seal keeps things from being read or changed where others have them: in a
// browser, or in a copy of the database.
type Seal struct{ aead cipher.AEAD }

// NewSeal makes one from the program's secret, for one use of it.
func NewSeal(secret []byte, use string) (*Seal, error) {
	key, err := hkdf.Key(sha256.New, secret, nil, "anteroom "+use, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return &Seal{aead}, err
}

// Close seals something; it opens with the same label alone.
func (s *Seal) Close(plain, label []byte) []byte {
	return s.aead.Seal(nil, nil, plain, label) //nolint:gosec // this kind draws its own nonce
}

// Open gives what was sealed, and whether it was, unchanged and by this secret.
func (s *Seal) Open(sealed, label []byte) ([]byte, bool) {
	plain, err := s.aead.Open(nil, nil, sealed, label)
	return plain, err == nil
}

// NewSecret draws 32 random bytes: what cookies and API keys hold.
func NewSecret() []byte {
	secret := make([]byte, sha256.Size)
	_, _ = rand.Read(secret) // never fails
	return secret
}
