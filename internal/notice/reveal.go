package notice

import "context"

// reveal shows a fact to whom a context is of, or does not.
type reveal func(ctx context.Context, f Fact) (Fact, bool, error)

// Reveal says how facts of a kind are shown that are not for everybody who watches
// their room. Such a fact is kept as little more than the name of something; show adds the rest for one
// reader, as it is then, and says false where they may not see it. Called once for each kind, before anybody
// watches.
func Reveal[F Fact](n *Notices, show func(ctx context.Context, f F) (F, bool, error)) {
	var kind F
	n.reveals[kind.Type()] = func(ctx context.Context, f Fact) (Fact, bool, error) { return show(ctx, f.(F)) }
}

// For is a notice as whom the context is of may see it; false when they may not.
func (n *Notices) For(ctx context.Context, told Notice) (Notice, bool, error) {
	show, hidden := n.reveals[told.Fact.Type()]
	if !hidden {
		return told, true, nil
	}
	fact, seen, err := show(ctx, told.Fact)
	if err != nil || !seen {
		return Notice{}, false, err
	}
	told.Fact = fact
	return told, true, nil
}
