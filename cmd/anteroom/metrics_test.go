package main

import (
	"encoding/json"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/VictoriaMetrics/metricsql"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
)

// scrape reads a program's metrics: each as name{label="value"} of those that
// have labels, with the count of a histogram.
func scrape(t *testing.T, url string) map[string]float64 {
	t.Helper()
	resp, err := http.Get(url + "/metrics")
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	require.Equal(t, http.StatusOK, resp.StatusCode)
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(resp.Body)
	require.NoError(t, err)
	all := map[string]float64{}
	for name, f := range families {
		for _, m := range f.GetMetric() {
			var labels []string
			for _, l := range m.GetLabel() {
				labels = append(labels, l.GetName()+"="+l.GetValue())
			}
			if labels != nil {
				name := name + "{" + strings.Join(labels, ",") + "}"
				all[name] = m.GetGauge().GetValue() + m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
				continue
			}
			all[name] = m.GetGauge().GetValue() + m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	return all
}

// TestMetrics: what is read from the database at each scrape is what is the case.
func TestMetrics(t *testing.T) {
	onEach(t, func(t *testing.T, p *program) {
		before := scrape(t, p.url)
		user := p.as("someone")
		leave := p.bot(p.join(user, p.room(user, restricted).GetId()))
		var now map[string]float64
		await(t, settleLimit, "the rule is counted", func() bool {
			now = scrape(t, p.url)
			return now["anteroom_dispatch_rules{status=present}"] == 1
		})
		require.Equal(t, 1.0, now["anteroom_meetings{provider=livekit}"])
		require.Equal(t, 1.0, now["anteroom_people{kind=web,provider=livekit}"])
		require.Equal(t, 1.0, now["anteroom_dispatch_rules_wanted"])
		require.Equal(t, 0.0, now["anteroom_dispatch_rules_failing"])
		pass := "anteroom_passes_total{provider=livekit,role=owner}"
		require.Equal(t, before[pass]+1, now[pass])
		require.Greater(t, now["anteroom_webhook_lag_seconds{provider=livekit}"], before["anteroom_webhook_lag_seconds{provider=livekit}"])
		leave()
		await(t, settleLimit, "nobody is counted", func() bool {
			_, there := scrape(t, p.url)["anteroom_people{kind=web,provider=livekit}"]
			return !there
		})
	})
}

var metricName = regexp.MustCompile(`\banteroom_[a-z_]+[a-z]\b`)

// metricsInSources finds the names of the metrics that the program has.
func metricsInSources(t *testing.T) map[string]bool {
	t.Helper()
	declared := regexp.MustCompile(`(?:Name:\s*|Gauge\(|NewDesc\()"(anteroom_[a-z_]+)"`)
	names := map[string]bool{}
	for _, root := range []string{"../../internal", "."} {
		require.NoError(t, filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			for _, found := range declared.FindAllSubmatch(text, -1) {
				names[string(found[1])] = true
			}
			return err
		}))
	}
	return names
}

// metricsIn finds the metrics that a text names.
func metricsIn(text string) map[string]bool {
	names := map[string]bool{}
	for _, name := range metricName.FindAllString(text, -1) {
		for _, part := range []string{"_bucket", "_sum", "_count"} {
			name = strings.TrimSuffix(name, part)
		}
		names[name] = true
	}
	return names
}

func textOf(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}

// TestMetricsAreDocumented: the catalogue has each metric of the program, and no other.
func TestMetricsAreDocumented(t *testing.T) {
	want := slices.Sorted(maps.Keys(metricsInSources(t)))
	require.NotEmpty(t, want)
	require.Equal(t, want, slices.Sorted(maps.Keys(metricsIn(textOf(t, "../../docs/metrics.md")))))
}

// TestAlertsAndDashboard: each of their expressions can be read, and asks for
// metrics that there are.
func TestAlertsAndDashboard(t *testing.T) {
	there := metricsInSources(t)
	check := func(expr string) {
		_, err := metricsql.Parse(strings.ReplaceAll(expr, "$__rate_interval", "5m"))
		require.NoError(t, err, expr)
		for name := range metricsIn(expr) {
			require.True(t, there[name], "%s in %s", name, expr)
		}
	}
	var alerts struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr         string
				Labels, Annotations map[string]string
			}
		}
	}
	decoder := yaml.NewDecoder(strings.NewReader(textOf(t, "../../deploy/prometheus/alerts.yml")))
	require.NoError(t, decoder.Decode(&alerts))
	require.NotEmpty(t, alerts.Groups)
	for _, g := range alerts.Groups {
		for _, r := range g.Rules {
			require.NotEmpty(t, r.Annotations["summary"], r.Alert)
			require.NotEmpty(t, r.Labels["severity"], r.Alert)
			check(r.Expr)
		}
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(textOf(t, "../../deploy/grafana/anteroom.json")), &dashboard))
	require.NotEmpty(t, dashboard.Panels)
	for _, p := range dashboard.Panels {
		require.NotEmpty(t, p.Targets, p.Title)
		for _, target := range p.Targets {
			check(target.Expr)
		}
	}
}

// TestRequestsHaveNames: a proxy's name for a request is kept, what cannot be one is
// not, and each answer says the name.
func TestRequestsHaveNames(t *testing.T) {
	p := start(t, dbtest.SQLiteURL(t))
	ask := func(name string) string {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+"/healthz", http.NoBody)
		require.NoError(t, err)
		r.Header.Set("X-Request-Id", name)
		resp, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		_, _ = io.Copy(io.Discard, resp.Body)
		require.NoError(t, resp.Body.Close())
		return resp.Header.Get("X-Request-Id")
	}
	require.Equal(t, "proxy-1.a_B", ask("proxy-1.a_B"))
	for _, bad := range []string{"", "two words", "quote\"", strings.Repeat("x", 65)} {
		got := ask(bad)
		require.NotEqual(t, bad, got)
		require.Len(t, got, 26)
	}
}
