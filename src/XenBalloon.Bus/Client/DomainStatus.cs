using XenBalloon.Core.Memory;

namespace XenBalloon.Bus.Client;

/// <summary>A domain, as the daemon shows it; sizes that are not known are null.</summary>
public sealed record DomainStatus
{
    /// <summary>The hypervisor's number for it.</summary>
    public required uint Domid { get; init; }

    /// <summary>Its UUID.</summary>
    public required string Uuid { get; init; }

    /// <summary>Its name; empty while it has none.</summary>
    public required string Name { get; init; }

    /// <summary><c>building</c>, <c>running</c>, <c>paused</c>, <c>suspended</c>, <c>shutdown</c> or <c>dying</c>.</summary>
    public required string State { get; init; }

    /// <summary>Whether the balancer may move its memory.</summary>
    public required bool Managed { get; init; }

    /// <summary><c>unknown</c>, <c>cooperative</c> or <c>stuck</c>.</summary>
    public required string Health { get; init; }

    /// <summary>What the hypervisor holds for it now.</summary>
    public required KiB Actual { get; init; }

    /// <summary>What it should have now.</summary>
    public required KiB? Target { get; init; }

    /// <summary>The hypervisor's cap.</summary>
    public required KiB MaxMem { get; init; }

    /// <summary>The least that the balancer may give it.</summary>
    public required KiB? DynamicMin { get; init; }

    /// <summary>The most that the balancer may give it.</summary>
    public required KiB? DynamicMax { get; init; }

    /// <summary>The most it can ever have.</summary>
    public required KiB? StaticMax { get; init; }

    /// <summary>The one size that an operator wants it to have; null where it is balanced.</summary>
    public required KiB? Pinned { get; init; }

    /// <summary>Where the settings come from that were made for it, in one line; empty where there are none.</summary>
    public required string SettingsFrom { get; init; }

    /// <summary>Shares in what there is.</summary>
    public required uint Weight { get; init; }

    /// <summary>In active use.</summary>
    public required KiB? Hot { get; init; }

    /// <summary>Hot and headroom.</summary>
    public required KiB? Want { get; init; }

    /// <summary>Below this it would be hurt.</summary>
    public required KiB? Floor { get; init; }

    /// <summary>Its share by weight and use.</summary>
    public required KiB? Entitlement { get; init; }

    /// <summary><c>none</c>, <c>agent</c>, <c>xenserver</c> or <c>qubes</c>.</summary>
    public required string ReportSource { get; init; }

    /// <summary>What was made of it: <c>fresh</c>, <c>stale</c>, <c>implausible</c>, <c>silent</c>, <c>flooding</c>, or <c>none</c> where it was not looked at.</summary>
    public required string ReportVerdict { get; init; }

    /// <summary>How old its newest report was at the newest step; null when it has not reported.</summary>
    public required TimeSpan? ReportAge { get; init; }

    /// <summary>Why its target is what it is, in one line.</summary>
    public required string Reason { get; init; }
}
