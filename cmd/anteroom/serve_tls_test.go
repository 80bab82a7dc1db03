package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health/grpc_health_v1"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/gen/go/anteroom/v1/anteroomv1connect"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
)

// authority signs certificates for tests.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
	pem  []byte
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t, pool: x509.NewCertPool()}
	a.cert, a.key, a.pem = a.sign("authority", nil)
	a.pool.AddCert(a.cert)
	return a
}

// sign makes a certificate for loopback; the first is the authority's own.
func (a *authority) sign(name string, serial *big.Int) (*x509.Certificate, *ecdsa.PrivateKey, []byte) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(a.t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true, IsCA: a.cert == nil, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = template, key
	} else {
		template.SerialNumber = serial
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	require.NoError(a.t, err)
	cert, err := x509.ParseCertificate(raw)
	require.NoError(a.t, err)
	return cert, key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})
}

// write puts a new certificate and its key into two files.
func (a *authority) write(certFile, keyFile string, serial int64) {
	a.t.Helper()
	_, key, cert := a.sign("anteroom", big.NewInt(serial))
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(a.t, err)
	require.NoError(a.t, os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw}), 0o600))
	require.NoError(a.t, os.WriteFile(certFile, cert, 0o600))
}

// TestTLSIsReloaded calls by Connect and by gRPC before and after the files change,
// and while they are broken.
func TestTLSIsReloaded(t *testing.T) {
	ca := newAuthority(t)
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")
	ca.write(certFile, keyFile, 101)
	lk := livekittest.Start(t)
	env := serveEnv(t, dbtest.SQLiteURL(t), lk.URL(), lk.WSURL())
	env["ANTEROOM_TLS_CERT"], env["ANTEROOM_TLS_KEY"] = certFile, keyFile
	p := startServe(t, env)

	serial := func() int64 {
		conn, err := tls.Dial("tcp", env["ANTEROOM_LISTEN"], &tls.Config{RootCAs: ca.pool, NextProtos: []string{"h2"}})
		if err != nil {
			return 0
		}
		defer func() { _ = conn.Close() }()
		require.Equal(t, "h2", conn.ConnectionState().NegotiatedProtocol)
		return conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
	}
	await(t, readyLimit, "it listens", func() bool { return serial() == 101 })
	calls := func() {
		byConnect(t, env["ANTEROOM_LISTEN"], ca.pool)
		byGRPC(t, env["ANTEROOM_LISTEN"], ca.pool)
	}
	await(t, readyLimit, "it is ready", func() bool { return byHTTP(env["ANTEROOM_LISTEN"], ca.pool) == http.StatusOK })
	calls()

	require.NoError(t, os.WriteFile(certFile, []byte("half a"), 0o600))
	await(t, readyLimit, "it says so", func() bool {
		return serial() == 101 && strings.Contains(p.log.String(), "the TLS certificate cannot be read anew; the old one stays")
	})
	ca.write(certFile, keyFile, 102)
	await(t, readyLimit, "the new one is served", func() bool { return serial() == 102 })
	calls()
	p.stop()
	require.Contains(t, p.log.String(), "a new TLS certificate is served")
}

func byHTTP(address string, pool *x509.CertPool) int {
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, DisableKeepAlives: true}
	resp, err := (&http.Client{Transport: transport}).Get("https://" + address + "/readyz")
	if err != nil {
		return 0
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

func byConnect(t *testing.T, address string, pool *x509.CertPool) {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	for _, option := range []connect.ClientOption{connect.WithProtoJSON(), connect.WithGRPC(), connect.WithGRPCWeb()} {
		rooms := anteroomv1connect.NewRoomServiceClient(&http.Client{Transport: transport}, "https://"+address, option)
		_, err := rooms.GetClientConfig(t.Context(), &anteroomv1.GetClientConfigRequest{})
		require.NoError(t, err)
	}
}

func byGRPC(t *testing.T, address string, pool *x509.CertPool) {
	t.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{RootCAs: pool})))
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), readyLimit)
	defer cancel()
	resp, err := grpc_health_v1.NewHealthClient(conn).Check(ctx, &grpc_health_v1.HealthCheckRequest{})
	require.NoError(t, err)
	require.Equal(t, grpc_health_v1.HealthCheckResponse_SERVING, resp.GetStatus())
}
