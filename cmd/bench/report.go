package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"
)

// report is all that was measured.
type report struct {
	Time      time.Time   `json:"time"`
	Machine   string      `json:"machine"`
	Slice     float64     `json:"slice_seconds"`
	Rounds    int         `json:"rounds"`
	Rooms     int         `json:"rooms"`
	Telephony bool        `json:"telephony"`
	Cells     []cell      `json:"cells"`
	Rules     []ruleTimes `json:"rules,omitempty"`
	FanOuts   []fanOut    `json:"fan_outs,omitempty"`
	Marks     []mark      `json:"marks"`
	Seconds   float64     `json:"seconds"` // how long it all took
}

// mark is a ratio that is wanted, and what it is.
type mark struct {
	Database    string  `json:"database"`
	Connections int     `json:"connections"`
	Operation   string  `json:"operation"`
	Base        string  `json:"base"`
	Wanted      float64 `json:"wanted"`
	Measured    float64 `json:"measured"`
	OK          bool    `json:"ok"`
}

// wanted are the least ratios to the bare work.
var wanted = map[string]float64{nameJoin: 0.25, nameCreate: 0.35, nameFirst: 0.25}

func newReport(c *runCommand) *report {
	return &report{
		Time: time.Now(), Machine: machine(), Slice: c.Slice.Seconds(), Rounds: c.Rounds, Rooms: c.Rooms, Telephony: c.Telephony,
	}
}

// finish compares with the marks.
func (r *report) finish() {
	r.Seconds = time.Since(r.Time).Round(time.Second).Seconds()
	for _, c := range r.Cells {
		if w, ok := wanted[c.Operation]; ok {
			r.Marks = append(r.Marks, mark{c.Database, c.Connections, c.Operation, c.Base, w, c.Ratio, c.Ratio >= w})
		}
	}
}

// print writes tables for people.
func (r *report) print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	line(t, "%s; %d rounds of %g s; %g s in all\n", r.Machine, r.Rounds, r.Slice, r.Seconds)
	line(t, "database\tconnections\toperation\tper second\tratio\tp50 ms\tp99 ms\tCPU µs\tPostgres CPU µs\t")
	for _, c := range r.Cells {
		line(t, "%s\t%d\t%s\t%.0f\t%s\t%.2f\t%.2f\t%.0f\t%s\t", c.Database, c.Connections, c.Operation,
			c.Rate, optional(c.Ratio, "%.2f"), c.P50, c.P99, c.CPU, optional(c.DatabaseCPU, "%.0f"))
	}
	line(t, "\nmarks\tconnections\toperation\tof\twanted\tmeasured\t\t")
	for _, m := range r.Marks {
		line(t, "%s\t%d\t%s\t%s\t%.2f\t%.2f\t%s\t", m.Database, m.Connections, m.Operation, m.Base, m.Wanted, m.Measured, verdict(m.OK))
	}
	for _, rule := range r.Rules {
		line(t, "\n%s: dispatch rule there %s after the first join, gone %s after the last leave", rule.Database, rule.Present, rule.Gone)
	}
	for _, f := range r.FanOuts {
		line(t, "\n%s", f)
	}
	return t.Flush()
}

func (q quantiles) String() string {
	return fmt.Sprintf("%.0f ms (p99 %.0f, at most %.0f)", q.P50, q.P99, q.Max)
}

// line writes to a tabwriter, whose Flush tells of any error.
func line(t *tabwriter.Writer, format string, args ...any) {
	_, _ = fmt.Fprintf(t, format+"\n", args...)
}

func optional(v float64, format string) string {
	if v == 0 {
		return ""
	}
	return fmt.Sprintf(format, v)
}

func verdict(ok bool) string {
	if ok {
		return "ok"
	}
	return "below"
}

// write keeps the report as JSON; no path is no file.
func (r *report) write(path string) error {
	if path == "" {
		return nil
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o600)
}
