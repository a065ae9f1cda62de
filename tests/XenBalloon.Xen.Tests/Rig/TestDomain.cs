using XenBalloon.Core.Hosts;

namespace XenBalloon.Xen.Tests.Rig;

/// <summary>A domain as the toolstack makes it.</summary>
internal sealed record TestDomain(int Domid, Guid Uuid)
{
    public string Name { get; init; } = $"guest{Domid}";

    public long TargetKiB { get; init; } = 262_144;

    public long StaticMaxKiB { get; init; } = 524_288;

    public DomainIdentity Identity => new(Domid, Uuid);

    public string Home => $"/local/domain/{Domid}";
}
