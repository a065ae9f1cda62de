using System.IO.Enumeration;
using XenBalloon.Core.Hosts;

namespace XenBalloon.Core.Settings;

/// <summary>Settings for the domains that a pattern names.</summary>
/// <param name="Pattern">A domain's name or UUID, or a glob over names: <c>web*</c>, <c>db?</c>. Case matters, as it does for xl.</param>
/// <param name="Settings">What was said of them.</param>
public sealed record DomainRule(string Pattern, DomainSettings Settings)
{
    /// <summary>Whether the pattern is a glob; an exact name or UUID is the more specific word and wins over globs.</summary>
    public bool IsGlob => Pattern.AsSpan().ContainsAny('*', '?');

    /// <summary>Whether the rule is meant for this domain.</summary>
    public bool Matches(DomainIdentity identity, string name) =>
        (Guid.TryParse(Pattern, out Guid uuid) && uuid == identity.Uuid)
        || FileSystemName.MatchesSimpleExpression(Pattern, name, ignoreCase: false);
}
