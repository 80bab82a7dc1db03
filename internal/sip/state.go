package sip

import (
	"github.com/anteroom-dev/anteroom/ent/dispatchrule"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// wish is what should be at LiveKit for one room.
type wish struct {
	wanted bool
	digits string // the room's PIN
}

// ruleFacts is what is known to be there.
type ruleFacts struct {
	status  dispatchrule.Status
	digits  string // the PIN that the rule was made with, or is being made with
	claimed bool   // somebody is settling the room
}

// leadsTo says whether a settler is about to bring what is wished for.
func (f ruleFacts) leadsTo(w wish) bool {
	switch {
	case !f.claimed:
		return false
	case w.wanted:
		return f.status == dispatchrule.StatusCreating && f.digits == w.digits
	}
	return f.status == dispatchrule.StatusPresent && f.digits == ""
}

// step is one thing to do at LiveKit. Jobs carry it, so its words are permanent.
type step string

const (
	doNothing step = ""
	create    step = "create"  // make the rule: it is certain that there is none
	remove    step = "remove"  // delete the rule by its id
	compare   step = "compare" // list: a try has an unknown outcome, or somebody wants to be sure
)

// next says what has to be done first. To check is to look at LiveKit even
// though all seems well. A rule with an old PIN is removed, and then next says
// create.
func next(w wish, f ruleFacts, check bool) step {
	switch {
	case check:
		return compare
	case f.leadsTo(w):
		return doNothing
	case f.status == dispatchrule.StatusCreating:
		return compare
	case f.status == dispatchrule.StatusPresent && (!w.wanted || w.digits != f.digits):
		return remove
	case f.status == dispatchrule.StatusAbsent && w.wanted:
		return create
	}
	return doNothing
}

// What a review finds, as the metric and the command line name it.
const (
	RuleSuperfluous = "rule_superfluous" // there is one that is not noted
	RuleMissing     = "rule_missing"     // the noted one is not there
)

// differs says how a room's rules at LiveKit differ from what is noted; "" when
// they do not.
func differs(f ruleFacts, ruleID string, there []video.Rule) string {
	noted := f.status == dispatchrule.StatusPresent
	for _, r := range there {
		if !noted || r.ID != ruleID || r.PIN != f.digits {
			return RuleSuperfluous
		}
	}
	if noted && len(there) == 0 {
		return RuleMissing
	}
	return ""
}
