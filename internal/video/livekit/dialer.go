package livekit

import (
	"context"
	"encoding/json"

	"github.com/livekit/protocol/livekit"

	"github.com/anteroom-dev/anteroom/internal/video"
)

// ruleName is how Anteroom's rules are called at LiveKit, for people who look.
const ruleName = "anteroom"

// ruleMetadata is what a rule says of itself. Callers inherit it, and so others
// in the room can read it.
type ruleMetadata struct {
	RoomID string `json:"anteroom_room"`
}

// CreateRule makes a direct rule for all trunks. LiveKit compares it with all
// rules that it has: while two old ones have one PIN, every creation fails with
// video.ErrRuleExists.
func (p *Provider) CreateRule(ctx context.Context, r video.Rule) (string, error) {
	if err := r.Check(); err != nil {
		return "", err
	}
	metadata, err := json.Marshal(ruleMetadata{RoomID: r.RoomID})
	if err != nil {
		return "", err
	}
	info, err := call(ctx, p, "CreateSIPDispatchRule", p.sip.CreateSIPDispatchRule, &livekit.CreateSIPDispatchRuleRequest{
		DispatchRule: &livekit.SIPDispatchRuleInfo{
			Name:     ruleName,
			Metadata: string(metadata),
			Rule: &livekit.SIPDispatchRule{Rule: &livekit.SIPDispatchRule_DispatchRuleDirect{
				DispatchRuleDirect: &livekit.SIPDispatchRuleDirect{RoomName: r.RoomName, Pin: r.PIN},
			}},
		},
	})
	return info.GetSipDispatchRuleId(), err
}

// DeleteRule removes a rule by its id, which costs the same however many there are.
func (p *Provider) DeleteRule(ctx context.Context, id string) error {
	_, err := call(ctx, p, "DeleteSIPDispatchRule", p.sip.DeleteSIPDispatchRule,
		&livekit.DeleteSIPDispatchRuleRequest{SipDispatchRuleId: id})
	return unlessNotFound(err)
}

// ListRules reads all rules. The server may give them in one answer, whatever
// limit one asks for, so the end is known by an empty one.
func (p *Provider) ListRules(ctx context.Context) ([]video.Rule, error) {
	var rules []video.Rule
	for page := (&livekit.Pagination{}); ; {
		response, err := call(ctx, p, "ListSIPDispatchRule", p.sip.ListSIPDispatchRule,
			&livekit.ListSIPDispatchRuleRequest{Page: page})
		if err != nil {
			return nil, err
		}
		after := page.AfterId
		for _, info := range response.Items {
			rules = append(rules, ruleOf(info))
			after = max(after, info.SipDispatchRuleId)
		}
		if after == page.AfterId {
			return rules, nil
		}
		page = &livekit.Pagination{AfterId: after}
	}
}

// ruleOf reads one of LiveKit's rules, whoever made it.
func ruleOf(info *livekit.SIPDispatchRuleInfo) video.Rule {
	rule := video.Rule{ID: info.SipDispatchRuleId, RoomID: roomIDOf(info.Metadata)}
	switch r := info.GetRule().GetRule().(type) {
	case *livekit.SIPDispatchRule_DispatchRuleDirect:
		rule.RoomName, rule.PIN = r.DispatchRuleDirect.RoomName, r.DispatchRuleDirect.Pin
	case *livekit.SIPDispatchRule_DispatchRuleIndividual:
		rule.PIN = r.DispatchRuleIndividual.Pin
	case *livekit.SIPDispatchRule_DispatchRuleCallee:
		rule.PIN = r.DispatchRuleCallee.Pin
	}
	return rule
}

// roomIDOf is Anteroom's room in a rule's metadata, "" in a foreign one's.
func roomIDOf(metadata string) string {
	var m ruleMetadata
	if json.Unmarshal([]byte(metadata), &m) != nil {
		return ""
	}
	return m.RoomID
}
