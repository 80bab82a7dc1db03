// Command egressstandin takes the place of LiveKit's recorder, livekit-egress,
// beside `anteroom dev`, for tests and for who builds a page about recordings. It
// records nothing: whatever is asked for, it writes the same second of picture and
// sound.
//
// It says "ready" on standard output when it takes captures, and ends when standard
// input does. A line of standard input is a scenario: how captures go that start
// from then on. It says the scenario back when that holds.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"

	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
	"github.com/anteroom-dev/anteroom/internal/video/videotest"
)

// scenarios are the lines that are understood.
var scenarios = map[string]videotest.Scenario{
	"completes":      videotest.Completes,
	"stays-starting": videotest.StaysStarting,
	"reaches-limit":  videotest.ReachesLimit,
	"fails":          videotest.Fails,
	"never-answers":  videotest.NeverAnswers,
	"dies":           videotest.Dies,
}

type cli struct {
	Redis string `required:"" help:"Redis of the LiveKit: livekit_redis of anteroom dev --json." placeholder:"HOST:PORT"`
}

func main() {
	var c cli
	kong.Parse(&c, kong.Name("egressstandin"), kong.Description("Stands in for LiveKit's recorder."))
	if err := c.run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "egressstandin:", err)
		os.Exit(1)
	}
}

func (c cli) run(in io.Reader, out io.Writer) error {
	recorder, err := livekittest.NewEgressStandIn(c.Redis)
	if err != nil {
		return err
	}
	defer recorder.Stop()
	if _, err := fmt.Fprintln(out, "ready"); err != nil {
		return err
	}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		scenario, known := scenarios[lines.Text()]
		if !known {
			return fmt.Errorf("there is no scenario %q", lines.Text())
		}
		recorder.Play(scenario)
		if _, err := fmt.Fprintln(out, lines.Text()); err != nil {
			return err
		}
	}
	return lines.Err()
}
