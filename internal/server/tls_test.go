package server

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestABrokenCertificateIsSaidOnce for each way in which it is broken, however many
// clients come meanwhile.
func TestABrokenCertificateIsSaidOnce(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	write := func(path string, text []byte) { require.NoError(t, os.WriteFile(path, text, 0o600)) }
	cert, key := selfSigned(t)
	write(certFile, cert)
	write(keyFile, key)
	var out bytes.Buffer
	c, err := OpenCertificate(certFile, keyFile, slog.New(slog.NewTextHandler(&out, nil)))
	require.NoError(t, err)
	clients := func() {
		for range 3 {
			c.looked = time.Time{} // as if much time had passed
			require.NotNil(t, c.get())
		}
	}
	said := func() int { return strings.Count(out.String(), "cannot be read anew") }
	clients()
	require.Zero(t, said())
	write(keyFile, []byte("half a ke"))
	clients()
	require.Equal(t, 1, said())
	require.NoError(t, os.Remove(keyFile))
	clients()
	require.Equal(t, 2, said())
	write(keyFile, key)
	clients()
	require.NoError(t, os.Remove(keyFile))
	clients()
	require.Equal(t, 3, said(), "it was mended in between")
}

func selfSigned(t *testing.T) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	require.NoError(t, err)
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded})
}
