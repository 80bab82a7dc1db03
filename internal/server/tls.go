package server

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// certificateAge is how long a certificate is served before its files are looked
// at again.
const certificateAge = time.Second

// Certificate is that of two files in PEM, read anew when they change.
type Certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu        sync.Mutex // guards what follows
	current   *tls.Certificate
	cert, key []byte // of the files as they were last read
	looked    time.Time
	problem   string // with the files, as it was said last
}

// OpenCertificate reads a certificate, its chain after it, and its key.
func OpenCertificate(certFile, keyFile string, log *slog.Logger) (*Certificate, error) {
	c := &Certificate{certFile: certFile, keyFile: keyFile, log: log}
	if err := c.read(); err != nil {
		return nil, err
	}
	return c, nil
}

// config has TLS take the certificate of the moment.
func (c *Certificate) config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		return c.get(), nil
	}}
}

// get keeps the certificate that there is while the files hold none: one of them
// may be written already, and the other not.
func (c *Certificate) get() *tls.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.looked) >= certificateAge {
		c.tell(c.read())
	}
	return c.current
}

// tell says what is wrong with the files when that is news.
func (c *Certificate) tell(err error) {
	problem := ""
	if err != nil {
		problem = err.Error()
	}
	if problem != "" && problem != c.problem {
		c.log.Error("the TLS certificate cannot be read anew; the old one stays", slog.Any("error", err))
	}
	c.problem = problem
}

// read takes what is in the files, unless it is what was there before.
func (c *Certificate) read() error {
	c.looked = time.Now()
	cert, err := os.ReadFile(c.certFile)
	if err != nil {
		return err
	}
	key, err := os.ReadFile(c.keyFile)
	if err != nil {
		return err
	}
	if bytes.Equal(cert, c.cert) && bytes.Equal(key, c.key) {
		return nil
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return fmt.Errorf("%s and %s: %w", c.certFile, c.keyFile, err)
	}
	if c.current != nil {
		c.log.Info("a new TLS certificate is served", slog.Time("expires", pair.Leaf.NotAfter))
	}
	c.current, c.cert, c.key = &pair, cert, key
	return nil
}
