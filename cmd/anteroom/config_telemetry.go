package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/anteroom-dev/anteroom/internal/telemetry"
)

// logFlags are the settings of the log.
type logFlags struct {
	LogFormat string `help:"How log lines are written: json for machines, text for people." choice:"json,text" default:"json" env:"ANTEROOM_LOG_FORMAT"`
	LogLevel  string `help:"From which level on lines are written: debug (each call), info, warn or error." choice:"debug,info,warn,error" default:"info" env:"ANTEROOM_LOG_LEVEL"`
}

// handler writes to w as the settings say.
func (f logFlags) handler(w io.Writer) (slog.Handler, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(f.LogLevel)); err != nil {
		return nil, fmt.Errorf("--log-level: %w", err)
	}
	return telemetry.NewHandler(w, f.LogFormat == "json", level), nil
}

// telemetryFlags are the settings of traces and reports.
type telemetryFlags struct {
	TraceEndpoint     string  `help:"Where traces go: a collector of OTLP over HTTP, with its path. Without it nothing is traced." env:"ANTEROOM_TRACE_ENDPOINT" placeholder:"http://HOST:4318/v1/traces"`
	TraceShare        float64 `help:"How many of the traces are kept, from 0 to 1." default:"1" env:"ANTEROOM_TRACE_SHARE" placeholder:"SHARE"`
	ReportDSN         string  `name:"report-dsn" help:"Where errors are reported: the DSN of Sentry, or of what speaks as it does. Without it they are in the log alone." env:"ANTEROOM_REPORT_DSN" placeholder:"https://KEY@HOST/PROJECT" secret:""`
	ReportEnvironment string  `help:"The environment that reports name." default:"production" env:"ANTEROOM_REPORT_ENVIRONMENT" placeholder:"NAME"`
}

func (f telemetryFlags) traces() telemetry.Traces {
	return telemetry.Traces{Endpoint: f.TraceEndpoint, Share: f.TraceShare, Version: version}
}

func (f telemetryFlags) reports() telemetry.Reports {
	return telemetry.Reports{DSN: f.ReportDSN, Environment: f.ReportEnvironment, Version: version}
}

// checkTelemetry finds all that is wrong with them.
func (f telemetryFlags) checkTelemetry() error {
	var problems []error
	if f.TraceShare < 0 || f.TraceShare > 1 {
		problems = append(problems, fmt.Errorf("--trace-share: %v does not lie between 0 and 1", f.TraceShare))
	}
	if err := f.traces().Check(); err != nil {
		problems = append(problems, fmt.Errorf("--trace-endpoint: %w", err))
	}
	if err := f.reports().Check(); err != nil {
		problems = append(problems, fmt.Errorf("--report-dsn: %w", err))
	}
	return errors.Join(problems...)
}

// telemetryStopTimeout is how long the last spans may take on their way.
const telemetryStopTimeout = 5 * time.Second

// start has traces and reports sent until stop. It comes before the database is
// opened, so that its statements are traced.
func (f telemetryFlags) start(ctx context.Context, h slog.Handler) (log *slog.Logger, stop func(), err error) {
	if err := f.checkTelemetry(); err != nil {
		return nil, nil, err
	}
	h, stopReports, err := telemetry.Report(h, f.reports())
	if err != nil {
		return nil, nil, fmt.Errorf("--report-dsn: %w", err)
	}
	log = slog.New(h)
	stopTracing, err := telemetry.StartTracing(ctx, f.traces(), log)
	if err != nil {
		return nil, nil, fmt.Errorf("--trace-endpoint: %w", err)
	}
	return log, func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), telemetryStopTimeout)
		defer cancel()
		if err := stopTracing(ctx); err != nil {
			log.Warn("the last traces were not sent", slog.Any("error", err))
		}
		stopReports()
	}, nil
}
