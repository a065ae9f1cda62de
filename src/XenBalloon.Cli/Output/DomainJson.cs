using XenBalloon.Bus.Client;

namespace XenBalloon.Cli.Output;

/// <summary>A domain in JSON. Names are part of the interface, and carry their unit; null is not known.</summary>
internal sealed record DomainJson
{
    public required uint Domid { get; init; }

    public required string Uuid { get; init; }

    public required string Name { get; init; }

    public required string State { get; init; }

    public required bool Managed { get; init; }

    public required string Health { get; init; }

    public required long ActualKib { get; init; }

    public required long? TargetKib { get; init; }

    public required long MaxmemKib { get; init; }

    public required long? DynamicMinKib { get; init; }

    public required long? DynamicMaxKib { get; init; }

    public required long? StaticMaxKib { get; init; }

    public required uint Weight { get; init; }

    public required long? HotKib { get; init; }

    public required long? WantKib { get; init; }

    public required long? FloorKib { get; init; }

    public required long? EntitlementKib { get; init; }

    public required string ReportSource { get; init; }

    public required string ReportVerdict { get; init; }

    public required long? ReportAgeSeconds { get; init; }

    public required string Reason { get; init; }

    public required long? PinnedKib { get; init; }

    public required string SettingsFrom { get; init; }

    internal static DomainJson Of(DomainStatus domain) => new()
    {
        Domid = domain.Domid,
        Uuid = domain.Uuid,
        Name = domain.Name,
        State = domain.State,
        Managed = domain.Managed,
        Health = domain.Health,
        ActualKib = domain.Actual.Value,
        TargetKib = domain.Target?.Value,
        MaxmemKib = domain.MaxMem.Value,
        DynamicMinKib = domain.DynamicMin?.Value,
        DynamicMaxKib = domain.DynamicMax?.Value,
        StaticMaxKib = domain.StaticMax?.Value,
        Weight = domain.Weight,
        HotKib = domain.Hot?.Value,
        WantKib = domain.Want?.Value,
        FloorKib = domain.Floor?.Value,
        EntitlementKib = domain.Entitlement?.Value,
        ReportSource = domain.ReportSource,
        ReportVerdict = domain.ReportVerdict,
        ReportAgeSeconds = (long?)domain.ReportAge?.TotalSeconds,
        Reason = domain.Reason,
        PinnedKib = domain.Pinned?.Value,
        SettingsFrom = domain.SettingsFrom,
    };
}
