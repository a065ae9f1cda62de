namespace XenBalloon.Core;

/// <summary>Which safety rules are in force: all of them, but for one that a test has switched off.</summary>
/// <param name="Without">The one that is not; null outside of tests.</param>
internal readonly record struct SafetyRules(SafetyRule? Without)
{
    /// <summary>Whether a rule is in force.</summary>
    internal bool Hold(SafetyRule rule) => Without != rule;
}
