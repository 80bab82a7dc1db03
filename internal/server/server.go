// Package server is the one HTTP handler: the API, the console, a folder's
// files, health and metrics, on one port for HTTP/1.1 and for HTTP/2 without TLS.
package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"connectrpc.com/grpchealth"
	"connectrpc.com/grpcreflect"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/rpc"
	"github.com/anteroom-dev/anteroom/internal/storage"
)

// Config is what the handler is made of.
type Config struct {
	Log     *slog.Logger
	Auth    *auth.Authenticator
	Nouns   rpc.Nouns
	Console http.Handler                    // the pages
	Ready   func(ctx context.Context) error // nil while requests can be served
	Version string
	Metrics prometheus.Gatherer
	Media   Media         // who may have which file
	Store   storage.Store // where they are; those of a folder are served here
	SignIn  *SignIn       // signing in to the console; nil for none
	Origins []string      // of pages elsewhere whose scripts may call the API
}

// Handler serves everything.
func Handler(c Config) http.Handler {
	mux := http.NewServeMux()
	rpc.Register(mux, c.Log, c.Auth, c.Nouns, c.Version)
	mux.Handle(grpchealth.NewHandler(health{grpchealth.NewStaticChecker(rpc.Services...), c.Ready}))
	reflector := grpcreflect.NewStaticReflector(rpc.Services...)
	mux.Handle(grpcreflect.NewHandlerV1(reflector))
	mux.Handle(grpcreflect.NewHandlerV1Alpha(reflector))
	mux.Handle("GET "+storage.MediaPath, forwardAuth(c.Log, c.Auth, c.Media))
	mux.Handle("GET /metrics", promhttp.HandlerFor(c.Metrics, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) { ready(w, r, c.Ready) })
	if storage.FolderOf(c.Store) != nil {
		mux.Handle("GET "+storage.FilesPath+"{key...}", files(c.Log, c.Store))
	}
	mux.Handle("/", c.Console)
	all := astray(c.Log, mux)
	if c.SignIn != nil {
		c.SignIn.register(mux)
		all = c.SignIn.cookies(all)
	}
	return identified(recovered(c.Log, noStore(crossOrigin(c.Origins, all))))
}

// noStore keeps answers with tickets, links and PINs out of every cache; the
// console, which sets its own, overrules it.
func noStore(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// readyTimeout is how long it may take to see that requests can be served.
const readyTimeout = 2 * time.Second

func ready(w http.ResponseWriter, r *http.Request, check func(context.Context) error) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	if err := check(ctx); err != nil {
		answer(w, http.StatusServiceUnavailable, unready(err))
		return
	}
	answer(w, http.StatusOK, "ok")
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n")) //nolint:gosec // plain text, and a fault's sentence holds nothing that somebody sent
}

// health answers grpc.health.v1 as /readyz does.
type health struct {
	*grpchealth.StaticChecker
	ready func(context.Context) error
}

// Check implements grpchealth.Checker.
func (h health) Check(ctx context.Context, r *grpchealth.CheckRequest) (*grpchealth.CheckResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	if h.ready(ctx) != nil {
		return &grpchealth.CheckResponse{Status: grpchealth.StatusNotServing}, nil
	}
	return h.StaticChecker.Check(ctx, r)
}

const (
	headerTimeout = 10 * time.Second
	readTimeout   = time.Minute
	idleTimeout   = 2 * time.Minute
	// stopTimeout is how long requests may still take after the end was asked for.
	stopTimeout = 10 * time.Second
)

// Serve answers on a listener until ctx is done, then lets running requests
// end.
func Serve(ctx context.Context, l net.Listener, h http.Handler, log *slog.Logger) error {
	return ServeTLS(ctx, l, h, log, nil)
}

// ServeTLS is Serve with TLS, unless the certificate is nil.
func ServeTLS(ctx context.Context, l net.Listener, h http.Handler, log *slog.Logger, certificate *Certificate) error {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(certificate != nil)
	protocols.SetUnencryptedHTTP2(certificate == nil)
	s := &http.Server{
		Handler: h, Protocols: protocols, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, IdleTimeout: idleTimeout,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
		defer cancel()
		err := s.Shutdown(grace)
		if errors.Is(err, context.DeadlineExceeded) {
			log.Warn("requests were cut off that did not end in time")
			err = s.Close()
		}
		stopped <- err
	}()
	if err := listenOn(s, l, certificate); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

func listenOn(s *http.Server, l net.Listener, certificate *Certificate) error {
	if certificate == nil {
		return s.Serve(l)
	}
	s.TLSConfig = certificate.config()
	return s.ServeTLS(l, "", "")
}
