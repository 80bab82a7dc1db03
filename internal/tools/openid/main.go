// Command openid is the OpenID provider that the tests sign in at: zitadel's,
// with people and clients in memory, and switches for what goes wrong at
// providers. It is reached under /test/ by whoever can reach the provider, so
// it is for tests alone.
package main

import (
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "where to listen; the issuer is printed")
	redirects := flag.String("redirect", "http://127.0.0.1:*/auth/callback,http://localhost:*/auth/callback,https://127.0.0.1:*/auth/callback", "where the client anteroom may send people back to")
	lifetime := flag.Duration("lifetime", time.Hour, "of ID tokens")
	flag.Parse()
	l, err := net.Listen("tcp", *listen)
	if err == nil {
		issuer := "http://" + l.Addr().String()
		p := newProvider(strings.Split(*redirects, ","), *lifetime)
		mux := http.NewServeMux()
		p.switches(mux, issuer)
		p.answering(mux)
		server := exampleop.SetupServer(issuer, p, slog.New(slog.DiscardHandler), false)
		keys := p.keysDown(server)
		mux.Handle("GET /keys", p.answered(keys))
		mux.Handle("GET /moved/keys", http.StripPrefix("/moved", keys))
		mux.Handle("/", p.away(p.answered(server)))
		fmt.Println(issuer)
		err = http.Serve(l, mux) //nolint:gosec // for tests
	}
	fmt.Fprintln(os.Stderr, "openid:", err)
	os.Exit(1)
}
