using System.Collections.Immutable;

namespace XenBalloon.Core.Settings;

/// <summary>What the policies are called in the configuration, on the bus and by <c>xenballoon simulate</c>.</summary>
public static class PolicyNames
{
    /// <summary>All of them.</summary>
    public static ImmutableArray<(string Name, PolicyKind Policy)> All { get; } =
    [
        ("fair-share", PolicyKind.FairShare),
        ("proportional", PolicyKind.Proportional),
        ("shares", PolicyKind.Shares),
        ("static", PolicyKind.Static),
    ];

    /// <summary>A policy's name.</summary>
    public static string Of(PolicyKind policy) => All.First(known => known.Policy == policy).Name;
}
