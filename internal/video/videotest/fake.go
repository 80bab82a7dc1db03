package videotest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/jonboulle/clockwork"

	"github.com/anteroom-dev/anteroom/internal/video"
)

// Fake is a provider in memory that can all that there is an interface for. It
// passes Run, and so behaves as the real ones do, LiveKit's comparison of all rules included. Besides, its methods
// can be counted and made to fail.
type Fake struct {
	name  video.Name
	clock clockwork.Clock

	mu       sync.Mutex
	calls    map[string]int
	failures map[string][]failure
	serial   int
	rules    map[string]video.Rule
	meetings map[string]*fakeMeeting
	deliver  func(Delivery)

	egresses  []video.Egress
	scenario  Scenario
	scenarios map[string]Scenario // by egress
	health    video.Health
}

var (
	_ video.Provider  = (*Fake)(nil)
	_ video.Dialer    = (*Fake)(nil)
	_ video.Looker    = (*Fake)(nil)
	_ video.Recorder  = (*Fake)(nil)
	_ video.Announcer = (*Fake)(nil)
)

// failure is what one call answers, after having done its work or instead of it.
type failure struct {
	err  error
	done bool
}

// NewFake makes a fake of this name. Its passes expire and its events happen by
// the clock, or by the real one when it is nil.
func NewFake(name video.Name, clock clockwork.Clock) *Fake {
	if clock == nil {
		clock = clockwork.NewRealClock()
	}
	return &Fake{
		name: name, clock: clock,
		calls: map[string]int{}, failures: map[string][]failure{},
		rules: map[string]video.Rule{}, meetings: map[string]*fakeMeeting{},
		scenarios: map[string]Scenario{},
	}
}

// Fail makes the next calls of a method answer with err and do nothing.
func (f *Fake) Fail(method string, times int, err error) { f.inject(method, times, failure{err: err}) }

// FailAfter makes the next calls of a method do their work and answer
// video.ErrUnavailable: the outcome that nobody knows.
func (f *Fake) FailAfter(method string, times int) {
	f.inject(method, times, failure{err: video.ErrUnavailable, done: true})
}

func (f *Fake) inject(method string, times int, failure failure) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for range times {
		f.failures[method] = append(f.failures[method], failure)
	}
}

// Calls tells how often a method was called, such as "CreateRule".
func (f *Fake) Calls(method string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[method]
}

// AddRule puts a rule there as somebody else would, without looking for its PIN,
// and gives its id. The call is not counted.
func (f *Fake) AddRule(r video.Rule) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.add(r)
}

// Rules are those that are there, by id. The call is not counted.
func (f *Fake) Rules() []video.Rule {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sortedRules()
}

// Name is the one given to NewFake.
func (f *Fake) Name() video.Name { return f.name }

// Capabilities are LiveKit's.
func (f *Fake) Capabilities() video.Capabilities {
	return video.Capabilities{Token: true}
}

// CreateRule fails while any two rules, the new one included, have one PIN.
func (f *Fake) CreateRule(ctx context.Context, r video.Rule) (id string, err error) {
	err = f.call(ctx, "CreateRule", func() error {
		if err := r.Check(); err != nil {
			return err
		}
		pins := map[string]bool{r.PIN: true}
		for _, rule := range f.rules {
			if pins[rule.PIN] {
				return video.ErrRuleExists
			}
			pins[rule.PIN] = true
		}
		id = f.add(r)
		return nil
	})
	if err != nil {
		return "", err
	}
	return id, nil
}

// DeleteRule forgets a rule.
func (f *Fake) DeleteRule(ctx context.Context, id string) error {
	return f.call(ctx, "DeleteRule", func() error {
		delete(f.rules, id)
		return nil
	})
}

// ListRules gives the rules by id.
func (f *Fake) ListRules(ctx context.Context) (rules []video.Rule, err error) {
	err = f.call(ctx, "ListRules", func() error {
		rules = f.sortedRules()
		return nil
	})
	if err != nil {
		return nil, err
	}
	return rules, nil
}

// call counts, and fails where a failure was injected. do holds the lock.
func (f *Fake) call(ctx context.Context, method string, do func() error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls[method]++
	if err := ctx.Err(); err != nil {
		return video.ErrUnavailable.Because(err)
	}
	queue := f.failures[method]
	if len(queue) == 0 {
		return do()
	}
	f.failures[method] = queue[1:]
	if queue[0].done {
		_ = do()
	}
	return queue[0].err
}

func (f *Fake) add(r video.Rule) string {
	r.ID = f.id("RULE")
	f.rules[r.ID] = r
	return r.ID
}

func (f *Fake) sortedRules() []video.Rule {
	rules := make([]video.Rule, 0, len(f.rules))
	for _, rule := range f.rules {
		rules = append(rules, rule)
	}
	slices.SortFunc(rules, func(a, b video.Rule) int { return strings.Compare(a.ID, b.ID) })
	return rules
}

// id is new, and sorts behind older ones.
func (f *Fake) id(prefix string) string {
	f.serial++
	return fmt.Sprintf("%s_%06d", prefix, f.serial)
}
